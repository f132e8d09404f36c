"""URL map of Administration, of the sandbox mail and of background tasks."""

from django.urls import path

from crm.views import background_tasks, sandbox
from crm.views.administration import (
    addresses,
    audit_log,
    dkim,
    email_accounts,
    index,
    jobs,
    mailboxes,
    oauth,
    settings,
    suppressions,
    users,
)

urlpatterns = [
    path("admin/", index.administration, name="administration"),
    path("admin/settings/", settings.settings_page, name="settings"),
    path("admin/outbound-emails/", settings.outbound_emails, name="outbound_emails"),
    path("admin/bounces/", settings.bounce_rules, name="bounce_rules"),
    path("admin/email-accounts/", email_accounts.accounts, name="email_account_list"),
    path("admin/email-accounts/new/", email_accounts.email_account_new, name="email_account_new"),
    path("admin/email-accounts/<int:pk>/", email_accounts.email_account_edit, name="email_account_edit"),
    path("admin/email-accounts/<int:pk>/test/", email_accounts.email_account_test, name="email_account_test"),
    path("admin/email-accounts/<int:pk>/system/", email_accounts.email_account_system, name="email_account_system"),
    path("admin/email-accounts/<int:pk>/remove/", email_accounts.email_account_remove, name="email_account_remove"),
    path("admin/email-accounts/<int:pk>/dkim/", dkim.email_account_dkim, name="email_account_dkim"),
    path("admin/email-accounts/<int:pk>/dkim/check/", dkim.email_account_dkim_check, name="email_account_dkim_check"),
    path(
        "admin/email-accounts/<int:pk>/dkim/signing/",
        dkim.email_account_dkim_signing,
        name="email_account_dkim_signing",
    ),
    path(
        "admin/email-accounts/<int:pk>/dkim/remove/", dkim.email_account_dkim_remove, name="email_account_dkim_remove"
    ),
    path("admin/email-accounts/<int:pk>/mailbox/", mailboxes.email_account_mailbox, name="email_account_mailbox"),
    path(
        "admin/email-accounts/<int:pk>/mailbox/test/",
        mailboxes.email_account_mailbox_test,
        name="email_account_mailbox_test",
    ),
    path(
        "admin/email-accounts/<int:pk>/mailbox/remove/",
        mailboxes.email_account_mailbox_remove,
        name="email_account_mailbox_remove",
    ),
    path("admin/email-addresses/", addresses.addresses, name="address_list"),
    path("admin/email-addresses/export/", addresses.address_export, name="address_export"),
    path("admin/email-addresses/remove/", addresses.address_remove, name="address_remove"),
    path("admin/email-addresses/mark/<slug:flag>/", addresses.address_mark, name="address_mark"),
    path("admin/email-addresses/<int:pk>/", addresses.address_detail, name="address_detail"),
    path("admin/suppressions/", suppressions.suppression_list, name="suppression_list"),
    path("admin/suppressions/new/", suppressions.suppression_new, name="suppression_new"),
    path("admin/suppressions/<int:pk>/lift/", suppressions.suppression_lift, name="suppression_lift"),
    path("admin/email-accounts/<int:pk>/oauth/", oauth.email_account_oauth, name="email_account_oauth"),
    path(
        "admin/email-accounts/<int:pk>/oauth/check/", oauth.email_account_oauth_check, name="email_account_oauth_check"
    ),
    path(
        "admin/email-accounts/<int:pk>/oauth/remove/",
        oauth.email_account_oauth_remove,
        name="email_account_oauth_remove",
    ),
    path("admin/oauth/callback/", oauth.oauth_callback, name="oauth_callback"),
    path("admin/scheduled-jobs/", jobs.jobs, name="job_list"),
    path("admin/scheduled-jobs/<int:pk>/", jobs.job_detail, name="job_detail"),
    path("admin/scheduled-jobs/<int:pk>/edit/", jobs.job_edit, name="job_edit"),
    path("admin/scheduled-jobs/<int:pk>/run/", jobs.job_run, name="job_run"),
    path("admin/users/", users.users, name="user_list"),
    path("admin/users/activate/", users.user_activate, name="user_activate"),
    path("admin/users/deactivate/", users.user_deactivate, name="user_deactivate"),
    path("admin/users/new/", users.user_new, name="user_new"),
    path("admin/users/<int:pk>/", users.user_edit, name="user_edit"),
    path("admin/users/<int:pk>/password/", users.user_password, name="user_password"),
    path("admin/audit-log/", audit_log.audit_log, name="audit_log"),
    path("sandbox/", sandbox.messages_kept, name="sandbox_list"),
    path("sandbox/remove/", sandbox.sandbox_remove, name="sandbox_remove"),
    path("sandbox/delete-all/", sandbox.sandbox_delete_all, name="sandbox_delete_all"),
    path("sandbox/<slug:key>/", sandbox.sandbox_message, name="sandbox_message"),
    path("sandbox/<slug:key>/<slug:part>/", sandbox.sandbox_part, name="sandbox_part"),
    path("tasks/", background_tasks.tasks, name="task_list"),
    path("tasks/notices/", background_tasks.task_notices, name="task_notices"),
    path("tasks/<int:pk>/", background_tasks.task_detail, name="task_detail"),
]
