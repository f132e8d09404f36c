"""Is this message about one that failed? Asked before anybody looks at what it says, and answered by its structure, its
sender, its subject and the first sentences of its text.

A person who forwards a bounce, an out-of-office note that calls an address "permanently closed" and a newsletter about
delivery failures are none. Text alone is believed only from a mail server, or where subject and text agree.
"""

import re
from email.message import Message

from campaigns.bounces.reading import Reading, header

_SERVER = re.compile(
    r"""mailer[-_. ]?daemon|mail[-_. ]?daemon|post[-_.]?master|poostmaster|mdaemon|mail\ deliver|delivery\ (?:sub)?system
      | mail\ administrator|mail\ (?:delivery|system|router)|system\ administrator|maildeliverysystem|mail\.deliver
      | bounce|\bndr\b|autoreply-mail|content-filter|smtp\ server|mailserver|mail\ server|internet\ mail\ delivery
      | mta\b|exchange|no-?reply@sns\.""",
    re.I | re.X,
)
_SUBJECT = re.compile(
    r"""undeliver|un-?deliverable|not\ deliver|delivery[ -]*(?:has\ )?(?:status|fail|failure|problem|error|notif|report|delay|has)
      | deliver(?:y|ing)?\ .{0,20}(?:fail|delay)|failure\ notice|fail(?:ed|ure)\ (?:mail|delivery|notice|notification)
      | mail\ (?:fail|failure|error|system\ error|delivery|not\ deliver|undeliver)|returned\ (?:mail|message|to)
      | return(?:ed|ing)\ (?:e?mail|message|to)|returned\ to\ sender|could\ not\ (?:be\ deliver|send)|couldn't\ be\ deliver
      | can(?:no|')t\ be\ deliver|not\ be(?:en)?\ deliver|cannot\ send|nondeliver|non-deliver|non\ deliver|rejected\ mail|mail\ reject
      | postmaster\ notify|processing\ error|bounce\ (?:notification|message)|bounced\ (?:mail|message)|warning.{0,40}(?:delay|could\ not)
      | error\ sending|problem\ deliver|message\ (?:delivery|status|delay|undeliver|fail|could)|user\ unknown|unknown\ user
      | blocked\ by|automatically\ rejected|mail\ error|not\ member|permanent\ fail|service\ unavailable
      | olevererbar|non\ remis|non\ distribu|echec\ de\ (?:la\ )?(?:remise|distrib)|unzustellbar|nicht\ zugestellt|zustellung
      | nicht\ zustellbar|no\ se\ (?:pudo|puede)\ entregar|no\ entregado|no\ se\ ha\ podido|devuelto|devolvid|nao\ entregue
      | nao\ foi\ possivel|não\ (?:entregue|foi)|mancata\ consegna|impossibile\ recapitare|non\ recapitabile|onbestelbaar
      | niet\ bezorgd|nie\ dostarczon|niedostarcz|nedoru[cč]|kan\ ikke\ lever|kunne\ ikke\ lever|не\ достав|не\ может\ быть\ доставл
      | недоставл|退信|无法投递|無法投遞|系统退信|投递失败|送信できません|配信できま|配送エラー|送信エラー|不達|エラーメール|配信不能
      | gagal|teslim\ edilemedi|전송\ 실패|반송|メールを配信できませんでした|utilisateur\ non""",
    re.I | re.X,
)
_STORY = re.compile(
    r"""(?:could|can|did|was|were|has|have|is|are)\ ?(?:not|n['’]t)\ (?:yet\ )?(?:be(?:en)?\ )?(?:able\ to\ be\ )?(?:successfully\ )?(?:deliver|sent|reach)
      | cannot\ be\ deliver|unable\ to\ (?:deliver|send|complete)|(?:was|were|is)\ (?:undeliverable|rejected|returned|not\ delivered)
      | wasn['’]t\ able\ to\ deliver|(?:delivery|delevery)\ (?:to|of|status)|delivery\ (?:has\ )?(?:failed|error|failure)
      | delivery\ to\ the\ following|permanent\ (?:fatal\ )?error|fatal\ errors|delivery\ (?:errors|problems)|failed\ permanently
      | the\ following\ (?:address|recipient|mail|e-?mail)|undeliverable|transcript\ of\ (?:the\ )?(?:session|attempts)
      | has\ been\ (?:delayed|returned|rejected|blocked)|did\ not\ reach|not\ yet\ been\ delivered|trouble\ deliver
      | returned\ because|error\ was\ detected|problems\ deliver|failure\ reasons?|does\ not\ like\ (?:recipient|sender)
      | failed\ recipient|(?:unknown|invalid)\ (?:user|recipient|final\ delivery)|user\ unknown|invalid\ user\ address
      | failed\ (?:20|\d+)\ attempts|delivery\ failed|remote\ host\ said|smtp\ error|error\ message\ below|host\ said
      | message\ delivery\ (?:failed|failure|problem)|not\ a\ member\ of\ this\ mailing|delivery\ problems|mail\ box\ space
      | account\ is\ disabled|failed\ addresses\ follow|undelivered|an\ email\ you\ sent\ was\ rejected|rejected\ by\ a\ remote
      | permission\ to\ post|automatically\ rejected|generated\ response|in:\ +mail|nicht\ zugestellt|konnte\ nicht|remise\ pour
      | n['’]a\ pas\ (?:pu\ )?(?:être|ete)|no\ (?:pudo|ha\ podido|se\ pudo)|mensaje\ no|nao\ pode\ ser|não\ (?:pôde|pode|foi)
      | impossibile\ (?:consegnare|recapitare)|non\ (?:è\ stato|e\ stato)|det\ gick\ inte|kunne\ ikke|kan\ niet|nie\ mog
      | не\ может\ быть|не\ удалось|не\ было\ доставл|не\ доставлен|无法|退信|無法|投递|送信できま|配信できま|送信でき|失敗|届けられ
      | エラーのため|전송|반송""",
    re.I | re.X,
)
_OF_PEOPLE = re.compile(
    r"\s*(?:re|fwd?|aw|wg|sv|vs|tr|rv|enc|antw|odp|res|отв|пересл|回复|转发|答复)\s*(?:\[\d+\])?\s*[:：]", re.I
)
_ABSENT = re.compile(
    r"""out\ of\ (?:the\ )?office|automatic\ reply|auto(?:matic)?[- ]?repl|auto[- ]?respon|vacation|on\ (?:annual\ )?leave|away\ from
      | abwesen|automatische\ antwort|r[ée]ponse\ automatique|absen[ct]|respuesta\ autom|resposta\ autom|risposta\ autom
      | automatisch\ antwoord|autosvar|automatiskt\ svar|автоответ|автоматическ|自动回复|自動回覆|自動返信|자동\ 회신|不在""",
    re.I | re.X,
)
_ARRIVED = re.compile(
    r"success|return receipt|\(relay\)|has been (?:successfully )?(?:delivered|relayed|expanded|displayed|read)|^(?:read|gelesen|lu):",
    re.I,
)
_CHALLENGE = re.compile(
    r"requires?\ verification|verify#|please confirm|confirm your (?:e?mail|message)|challenge", re.I
)
_QUOTED = re.compile(r"^[ \t]*>(?!>>).*$", re.M)
_DELAY = re.compile(
    r"""has\ been\ delayed|(?:has\ )?not\ yet\ been\ delivered|warning\ message\ only|will\ (?:be\ retried|continue\ (?:to\ try|trying))
      | delivery\ attempts\ will\ continue|still\ (?:be(?:ing)?\ )?(?:trying|retried|being)|\(delay\)|only\ a\ temporary\ failure\ report
      | could\ not\ send\ (?:mail|message)\ for\ past|keep\ trying|zustellung\ verz[öo]gert|отложен""",
    re.I | re.X,
)
_DOMAIN = re.compile(r"@[\w.\-\[\]]*")
_REPORTS = re.compile(
    rb"message/(?:global-)?delivery-status|final-recipient|feedback-report|x-hmxmroriginalrecipient|\"(?:notification|event)type\"",
    re.I,
)
_GREETING = 600  # characters in which a person says that they are away
_OPENING = 3000  # characters of the story in which a mail server says what it is writing about


def is_bounce(reading: Reading) -> bool:
    """For messages whose structure does not tell: no delivery status, no feedback report."""
    if _is_answer(reading):
        return False
    subject = bool(_SUBJECT.search(reading.header("Subject")))
    story = bool(_STORY.search(_QUOTED.sub("", reading.text[:_OPENING])))
    if _is_from_server(reading):
        return subject or story or "multipart/report" in reading.header("Content-Type").lower()
    if _is_null(reading.header("Return-Path")):  # vacation programs have no return path either (RFC 3834 §3.3)
        return story and (subject or "auto-replied" not in reading.header("Auto-Submitted").lower())
    return subject and story and not _is_from_person(reading)


def is_delayed(reading: Reading) -> bool:
    """Whether the server goes on trying: then nobody is refused yet."""
    return bool(_DELAY.search(reading.header("Subject")) or _DELAY.search(reading.text[:_OPENING]))


def may_concern(raw: bytes, message: "Message[str, str]") -> bool:
    """A cheap look at the header, and for words without which a body is no report. False: ordinary mail, not to be read."""
    if any(name in message for name in ("X-Failed-Recipients", "Auto-Submitted")):
        return True
    sender, subject = header(message, "From"), header(message, "Subject")
    if _is_null(sender or "<>") or _SERVER.search(sender) or _SUBJECT.search(subject):
        return True
    return _is_null(header(message, "Return-Path")) or bool(_REPORTS.search(raw))


def _is_from_server(reading: Reading) -> bool:
    sender = reading.header("From")
    # The name and the local part: a person may well write from exchange.example.
    return bool(_SERVER.search(_DOMAIN.sub("", sender))) or _is_null(sender) or "X-Failed-Recipients" in reading.message


def _is_null(sender: str) -> bool:
    return sender.rstrip().endswith("<>")


def _is_answer(reading: Reading) -> bool:
    """Automatic replies, challenges, receipts: written for somebody whose message did arrive."""
    subject = reading.header("Subject")
    if "message/disposition-notification" in reading.types:
        # RFC 5429 §2.1.1: a receipt, unless a filter of the recipient rejected the message by it.
        return "reject" not in f"{subject} {reading.header('Auto-Submitted')}".lower()
    if _ABSENT.search(subject) or _CHALLENGE.search(subject) or _ARRIVED.search(subject):
        return True
    if not _is_from_server(reading) and _ABSENT.search(reading.text[:_GREETING]):
        return True
    return "X-Autoreply" in reading.message or "X-Autorespond" in reading.message


def _is_from_person(reading: Reading) -> bool:
    if _OF_PEOPLE.match(reading.header("Subject")):
        return True
    return any(name in reading.message for name in ("List-Id", "List-Post", "List-Unsubscribe"))
