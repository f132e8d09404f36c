import time, pytest
from crm.models import Record, EmailAddress, EntityType
from targets.models import *
from targets.membership import *
from targets.candidates import candidates
from targets.audience import Audience
def test_speed(db):
    t=EntityType.objects.get(key="Contact"); N=100_000
    EmailAddress.objects.bulk_create([EmailAddress(address=f"p{i}@example.com",normalized=f"p{i}@example.com") for i in range(N)],batch_size=5000)
    ids=list(EmailAddress.objects.values_list("pk",flat=True))
    Record.objects.bulk_create([Record(entity_type=t,name=f"N{i}",email_address_id=a,values={"country":"ES" if i%2 else "FR"}) for i,a in enumerate(ids)],batch_size=5000)
    L=TargetList.objects.create(name="big")
    def tm(label,f):
        a=time.time(); r=f(); print(label,r,round(time.time()-a,2),flush=True)
    tm("add", lambda: add_records(L, candidates(L,t,{"f.country":"ES","listed":"no"})))
    tm("add all", lambda: add_records(L, Record.objects.of_type(t)))
    tm("again", lambda: add_records(L, Record.objects.of_type(t)))
    tm("copy", lambda: copy_members(L, TargetList.objects.create(name="c")))
    tm("unlink", lambda: unlink(L, Record.objects.filter(values__country="ES")))
    tm("optout", lambda: opt_out_of_lists(ids[0],[L.pk],None))
    tm("aud", lambda: Audience([L.pk]).counts())
    tm("unlink all", lambda: unlink_all(L, True))
