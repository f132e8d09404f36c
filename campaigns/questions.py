"""Questions about campaigns that reports begin with."""

from django.utils.translation import gettext_lazy as _

from targets.reports.questions import Question, is_contact, register_question

ANY = ["", ""]
QUESTIONS = (
    Question(
        "clicked-lately", _("Who clicked in the last 30 days and never opted out?"), "bolt",
        is_contact,
        {"criteria": {"all": [["clicked", "did", ["", 30, ""]], ["opted_out", "did_not", ANY]]}},
    ),
    Question(
        "never-opens", _("Who got mail in the last 90 days and opened none?"), "mail-off", is_contact,
        {"criteria": {"all": [["sent", "did", ["", 90]], ["opened", "did_not", ["", 90]]]}},
    ),
    Question(
        "keen", _("Who clicked at least three times?"), "star", is_contact,
        {"criteria": {"all": [["clicked", "did", ["", "", "", "", "", "", 3]]]}},
    ),
)  # fmt: skip
for question in QUESTIONS:
    register_question(question)
