"""What mail servers write when they refuse, in one ordered table: the first row with a phrase in the text decides.

The order protects people. What speaks of us, of the message or of a server comes before what speaks of the address,
because servers give a reason such as "blocked" *and* a stock sentence such as "mailbox unavailable" in one breath, and
never say "user unknown" and mean an empty disk.

A phrase is plain lower-case text without accents; "…" in it stands for up to 40 characters of anything. The texts it is
looked for in have no addresses, host names and codes any more (`plain`), so that a server named spamwall.example or a
person named full@example.org decides nothing.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from campaigns.bounces.verdicts import Reason

GAP = 40  # characters that "…" stands for
SHORT = 4  # letters of a word that is looked for as a whole


class Row(NamedTuple):
    name: str
    reason: Reason
    phrases: tuple[tuple[str, ...], ...]


def plain(text: str) -> str:
    """A text as phrases are looked for in it: one line, lower case, no accents, no addresses, host names, codes."""
    text = _REPLY_CODES.sub(" ", text)
    text = _LINKS.sub(_link, text)
    text = _ADDRESSES.sub(" @ ", text)
    return _folded(_HOST_NAMES.sub(" ", text))


def _folded(text: str) -> str:
    text = text.casefold()
    if not text.isascii():
        text = "".join(
            character
            for character in unicodedata.normalize("NFKD", text.replace("’", "'"))
            if not "\u0300" <= character <= "\u036f"
        )
    return " ".join(text.split())


def row_of(text: str) -> Row | None:
    """The first row that speaks in a `plain` text; None where no row does."""
    for row in TABLE:
        for parts in row.phrases:
            if parts[0] in text and _stands(parts, text):
                return row
    return None


_REPLY_CODES = re.compile(r"(?<![\d.])[45][0-5]\d(?:[- ]#?[45]\.\d{1,3}\.\d{1,3})?-")
_LINKS = re.compile(r"https?://\S{1,300}")
_ADDRESSES = re.compile(r"[^\s<>:;,\"'()]{1,128}@[^\s<>:;,\"'()]{1,255}")
# RESOLVER.ADR.… and RESOLVER.RST.… are Exchange's words for what it found.
_HOST_NAMES = re.compile(r"(?<![\w.-])(?!resolver\.)(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}\.?(?![\w-])(?!\.[A-Za-z])", re.I)
_LISTS = (
    "spamhaus",
    "spamcop",
    "barracudacentral",
    "sorbs",
    "uceprotect",
    "surbl",
    "uribl",
    "cloudmark",
    "senderscore",
)


def _link(found: re.Match[str]) -> str:
    """Links go, but for those of block lists, which are the reason themselves."""
    return next((f" {name} " for name in _LISTS if name in found.group().lower()), " ")


def _stands(parts: tuple[str, ...], text: str) -> bool:
    first = parts[0]
    at = text.find(first)
    while at >= 0:
        if _is_word(first, text, at) and _goes_on(parts[1:], text, at + len(first)):
            return True
        at = text.find(first, at + 1)
    return False


def _is_word(part: str, text: str, at: int) -> bool:
    """Whether a word begins there, and ends where a short one does: "dul" is no part of "module". Not all scripts have
    blanks between words, so this is asked of ASCII only."""
    if not part.isascii():
        return True
    if at and text[at - 1].isalnum() and part[0].isalnum():
        return False
    after = text[at + len(part) : at + len(part) + 1]
    return len(part) > SHORT or not (part[-1].isalnum() and after.isalnum())


def _goes_on(parts: tuple[str, ...], text: str, end: int) -> bool:
    for part in parts:
        at = text.find(part, end, end + GAP + len(part))
        if at < 0:
            return False
        end = at + len(part)
    return True


def _row(name: str, reason: Reason, phrases: str) -> Row:
    return Row(name, reason, tuple(_parts(phrases)))


def _parts(phrases: str) -> Iterator[tuple[str, ...]]:
    for line in phrases.strip().splitlines():
        for phrase in line.split("|"):
            if phrase.strip():
                yield tuple(_folded(part) for part in phrase.strip().split("…"))


TABLE: tuple[Row, ...] = (
    _row(
        "the reply was to MAIL FROM",
        Reason.SENDER,
        """
        in reply to mail from | after mail from | sender was rejected | after … mail command | response to mail from
        >>> mail from: | <<< mail from: | rejected … during mail from
        """,
    ),
    _row(
        "before MAIL FROM",
        Reason.BLOCKED,
        "after initial connection | in reply to ehlo | in reply to helo | after ehlo | after helo | refused to talk to me",
    ),
    _row(
        "authentication of our domain",
        Reason.AUTHENTICATION,
        """
        dmarc | spf record | spf check | spf fail | fails spf | failed spf | spf validation | dkim | sender policy framework
        sender id fail | unauthenticated email | unauthenticated mail | authentication checks failed | sender authentication
        does not meet authentication | authentication requirements | authentication-results | not authenticated to send
        authenticate with … domain | message failed authentication
        """,
    ),
    _row(
        "the user is unknown, and nothing else",
        Reason.USER_UNKNOWN,
        """
        user unknown in local recipient table | user unknown in virtual | user unknown in relay recipient
        unknown recipient or mailbox unavailable | user unknown in … alias table | user unknown in … mailbox table
        account or domain may not exist | recipient address rejected: access denied
        user doesn't have a … account | not a valid recipient - | mailbox not found (
        """,
    ),
    _row(
        "block list",
        Reason.BLOCKED,
        """
        blacklist | black list | black-list | blocklist | block list | block-list | blocked using | spamhaus | spamcop
        barracudacentral | sorbs | uceprotect | dnsbl | rbl | is listed | listed by | reputation | access denied
        banned | open relay | client host rejected | client rejected | sender ip | sending ip | your ip | ip address has been
        ip … blocked | blocked … ip | host … blocked | blocked by | has been blocked | was blocked | is blocked | blocked due
        blocked for | mail blocked | messages from … weren't sent | part of their network is on | denied by … list
        reverse dns | reverse lookup | rdns | ptr record | no ptr | dns ptr | fix reverse | without a valid ptr
        not allowed to connect | connection refused by server policy | invalid ip for sending | ip not in whitelist
        no access from mail server | denied access | unable to resolve your | cannot find your hostname | bad host name
        cannot resolve your | helo command rejected | invalid helo | invalid ehlo | forged helo | dynamic ip | dul
        service refuse | mail from your … refused | not accepting mail from your | suspicious … network | spam source
        connection denied | suspected bounce attack | too many bad commands | too many spam | unexpected volume or user complaints | user complaints
        connections from … refused | connections not accepted | not accepting connections from | refused by local policy
        заблокирован | 黑名单 | 拒绝 … ip | ip … 拒绝
        """,
    ),
    _row(
        "virus",
        Reason.VIRUS,
        """
        virus | malware | infected | trojan | worm | mcspamsignature | dangerous attachment | phishing
        вирус | 病毒 | ウイルス
        """,
    ),
    _row(
        "spam",
        Reason.SPAM,
        """
        spam | unsolicited | bulk email | bulk mail | ube, | , ube | junk mail | junk-mail | ubl | mail content denied
        considered … unwanted | unwanted mail | blacklisted url | url … listed | message scored | content … score
        rejected … score | banned content | looks like … junk | high probability of | message … refused … content
        垃圾邮件 | 迷惑メール | похоже на спам | mail rejete | ofr 506 | hidden … text | detected as … harmful
        """,
    ),
    _row(
        "relaying",
        Reason.RELAYING,
        """
        relaying denied | relay denied | relay access denied | relaying not allowed | relay not permitted | unable to relay
        cannot relay | not permitted to relay | no relaying | relaying is not | relaying prohibited | relaying mail
        relay operation rejected | will not relay | don't relay | not relay | rcpthosts | is not verified
        smtp authentication | authentication required | authentication is required | must authenticate
        auth first | must be authenticated | require … authentication | relais interdit | not a gateway
        no such relay | relay not allowed | relay is not | not local … gateway | we do not relay | ретрансляц
        """,
    ),
    _row(
        "a mailing list or a group refuses",
        Reason.RESTRICTED,
        """
        resolver.rst | authrequired | not authorized to send | not allowed to send | not permitted to send
        you are not authorized | isn't allowed to send | doesn't have permission | don't have permission | only accepts
        accepts mail … only from | accept mail … only from | not accepting mail from | not accept mail from
        not a member | not member of | non-member | may not have permission | not subscribed | is restricted | delivery restrictions
        recipnotallowed | recipient not allowed | list … moderated | not in … allowed | is not open to | members only
        sender … not in … whitelist | refuses mail from you | rejected your message | does not accept mail from you
        has … blocked you | recipient … has not subscribed | whitelist only | messages without to | recipient preferences | is rejected by recipients
        not unique. several matches | not unique | ambiguous
        """,
    ),
    _row(
        "the sender is refused",
        Reason.SENDER,
        """
        sender address rejected | sender rejected | sender denied | sender … does not exist | sender … not exist | bad sender
        domain of sender address | invalid sender | sender … invalid | sender verify failed | sender verification | mailfrom
        sender domain | sender's domain | domain of … sender | return path | reverse-path | reverse path | from address
        envelope sender | your email address | your domain | from domain | mail from … rejected | sender callout
        sender not | sender unknown | unknown sender | sender is not | originator | badmailfrom | from: header
        отправител … не существ | adresse expediteur | expediteur | absender | 发件人 | 送信者
        """,
    ),
    _row(
        "mailbox full",
        Reason.MAILBOX_FULL,
        """
        mailbox full | mailbox is full | mailbox … is full | mailfolder is full | inbox is full | inbox full | box is full
        mailbox … full | account is full | quota | maildir has overdrawn | over the maximum allowed | exceeded storage
        exceeded … storage | storage … exceeded | mailbox … exceeded | exceed … mailbox size | exceeds mailbox size
        mailbox size limit | mailbox … limit | space not enough | not enough space | out of storage | insufficient … storage
        no space left … mailbox | too much mail data | too many messages in … mailbox | mailbox … too large
        mailbox … overfull | over disk | overquota | mailbox has exceeded | user … over … limit | account … over … limit
        storage allocation | storage limit | storage space | can't accept … messages … until | receiving mail at a rate … space
        mailbox … no room | no room in mailbox | disk … full for | receiver … full | recipient's mailbox is full
        not enough disk space | mbx full | mailboxfull | mailbox exceeds allowed size
        boite … pleine | boite aux lettres … pleine | boite … saturee | espace … insuffisant | depassement de quota
        postfach … voll | postfach ist voll | mailbox … voll | speicherplatz … erschopft | kontingent | uberfullt
        buzon … lleno | buzon lleno | casilla … llena | casilla … agotado | espacio … agotado | excedido … cuota | cuota
        caixa … cheia | caixa postal … cheia | caixa postal … lotada | caixa de correio cheia | casella … piena | casella piena
        postbus … vol | mailbox vol | skrzynka … pelna | skrzynka … przepelniona | schranka … plna | postkasse … full
        переполнен | превышен … квот | квот | ящик … полон | нет места | 邮箱已满 | 邮箱空间不足 | 空间不足 | 邮箱满 | 容量不足 | 超过 … 容量
        メールボックスがいっぱい | メールボックスの容量 | 容量を超え | 容量オーバー | 満杯 | 메일박스 … 초과 | 용량 … 초과 | posta kutusu dolu | kotak … penuh
        """,
    ),
    _row(
        "too large",
        Reason.TOO_LARGE,
        """
        message too large | message too big | message is too large | message is too big | message size | too large
        exceeds … maximum message | exceeded … maximum … message size | maximum incoming message size | maximum inbound message
        exceeds … size limit | exceeds … maximum size | size exceeds | message length exceeds | recipsizelimit | sendersizelimit
        mail size | larger than … limit | exceeding … size | data size exceeds | message exceeds | trop gros | trop volumineu
        zu gross | demasiado grande | muito grande | troppo grande | слишком больш | размер … превы | 邮件过大 | サイズ … 超え | サイズが大き
        """,
    ),
    _row(
        "too many, too fast",
        Reason.RATE_LIMITED,
        """
        too many recipients | too many messages | too many connections | too many emails | too many sessions | too many mails
        rate limit | rate-limit | rate exceeded | sending rate | receiving mail at a rate | receiving mail too quickly | throttl
        too fast | too quickly | too much mail | too frequent | limit exceeded … hour | connections limit | connection limit
        max … per hour | per hour | per day | try slower | concurrent | frequency limited | 频率 | 発信数
        """,
    ),
    _row(
        "greylisted",
        Reason.GREYLISTED,
        "greylist | graylist | grey list | gray list | grey-list | temporarily deferred | postgrey | early retry",
    ),
    _row(
        "loop",
        Reason.LOOP,
        """
        loop | too many hops | hop count | hopcount | too many received | already has my delivered-to | mails cycle | schleife
        forwarded more than the maximum
        """,
    ),
    _row(
        "policy",
        Reason.POLICY,
        """
        policy | policies | against … rule | violat | administrative prohibition | administratively prohibited | prohibited
        local restrictions | security reasons | message refused | refused by … filter | message rejected by … rule | not permitted
        message … not accepted for | email … not accepted | rejected by … filter | administratively denied | badrcptto
        blocked | denied by | forbidden | rejected by … administrator | mail rejected by destination domain | nicht zugelassen
        """,
    ),
    _row(
        "content",
        Reason.CONTENT,
        """
        illegal attachment | attachment … not allowed | attachment type | attachments … not | file type | content rejected
        content … reject | message content | content is not | invalid content | header … malformed | invalid header
        missing … header | bare lf | bare linefeed | line too long | lines … too long | message format | not rfc compliant
        rfc 5322 | rfc 2822 | rfc5322 | rfc2822 | rfc822 … compl | non-ascii | 8bit | utf-8 … not | subject … empty | duplicate header
        conversion | unsupported charset | character set | bad message | message body | potential security | message failed
        may not follow | malformed address | incorrectly constructed
        """,
    ),
    _row(
        "DNS, today",
        Reason.NETWORK,
        """
        host not found, try again | name server: … lookup | name server … loop | malformed or unexpected name server
        name service error … try again | dns query failed | dns … timeout | dns server … failure
        name server timeout | hostname lookup | host name lookup | temporary dns | dns temporar | server misbehaving
        could not find a gateway | lookup failure, try again | lookup failed, try again | dns timed out | resolve … timeout | resolver … temporar
        """,
    ),
    _row(
        "moved",
        Reason.MOVED,
        """
        has moved | mailbox moved | recipient no longer on server | user has moved | no forwarding address | address … has changed
        has changed … address | no longer at this | has been replaced by | please update your … address
        """,
    ),
    _row(
        "the domain takes no mail",
        Reason.NO_MAIL_ACCEPTED,
        """
        null mx | nullmx | does not accept mail | doesn't receive email | does not receive mail | doesn't accept mail
        domain … not accept … email | host/domain does not accept | no mx record found | does not receive email
        """,
    ),
    _row(
        "the domain does not exist",
        Reason.DOMAIN_UNKNOWN,
        """
        host unknown | unknown host | host not found | domain not found | domain name not found | domain … not found
        name or service not known | host or domain name not found | no such domain | domain does not exist | domain … does not exist
        domain … doesn't exist | nxdomain | invalid domain | unknown domain | unrouteable mail domain | unrouteable address
        unroutable address | unroutable domain | unrouteable domain | unrouteable | no such host | illegal host | bad domain
        couldn't find any host | could not find any host | cannot find any host | couldn't find any mail | host … not found
        domain … not reachable | domain is not reachable | no mail server … domain | no mx | no mail hosts for domain
        bad destination … system | bad destination system address | domain … not be found | domain … couldn't be found
        all relevant mx records point to non-existent | mx … invalid | non-existent host | nonexistent domain | non-existent domain
        unable to lookup … domain | domain isn't in my list | not a valid domain | domain … not exist | lookup of … nxdomain
        domaine … inconnu | domaine inexistant | domain … existiert nicht | domain unbekannt
        dominio … no existe | dominio inexistente | dominio … nao existe | домен … не существ | 域名不存在 | 域名 … 不存在 | ドメイン … 見つか
        """,
    ),
    _row(
        "user unknown, in so many words",
        Reason.USER_UNKNOWN,
        "user unknown | unknown user | no such user | user not found | user … not found | user does not exist | user not exist",
    ),
    _row(
        "disabled",
        Reason.DISABLED,
        """
        account … disabled | account … suspended | account … locked | account … inactive | account … deactivated | account … closed
        account … terminated | account … expired | account … blocked | account … discontinued | account … frozen | account … dormant
        mailbox … disabled | mailbox … inactive | mailbox … suspended | mailbox … frozen | mailbox … locked | mailbox … blocked
        mailbox … deactivated | mailbox … closed | user … disabled | user … suspended | user … inactive | user … locked
        user … deactivated | recipient … disabled | recipient … suspended | address … disabled | email … disabled | is disabled
        disabled … account | inactive user | inactive account | inactive mailbox | disabled mailbox | suspended account
        domain … suspended | not accepting messages | service … suspended | unpaid | vdelivermail: account is locked | out of service
        mailbox temporarily disabled | temporarily unavailable mailbox | account … temporarily | user … no longer active
        compte … desactive | compte … suspendu | konto … gesperrt | konto … deaktiviert | cuenta … desactivada | cuenta … suspendida
        casilla ha expirado | casilla … falta de uso | conta … desativada | conta … suspensa | conta … inativa
        аккаунт … заблокирован | ящик … заблокирован | ящик … отключ | 帐号 … 禁用 | 账号 … 禁用 | 被禁用 | 已停用 | 被冻结 | 利用停止
        """,
    ),
    _row(
        "a server is in trouble",
        Reason.SYSTEM,
        """
        insufficient system | insufficient disk | system resources | queue file write | local error | internal error
        internal server error | internal system error | system error | configuration error | config error | misconfigur
        server error | mailer error | temporary error | temporary failure | temporarily unable | temporarily unavailable
        temporary problem | temporary system | temporary lookup | unable to create | can't create | cannot create
        can't open | cannot open | error opening | i/o error | disk full | read-only file | permission denied | out of memory
        software error | upstream error | service currently unavailable
        please try again later | try again later | try later | encountered an error while | delivery agent
        lookup failed | lookup failure | database | ldap | unable to open | command died | exit status | fatal error … mailer
        not possible to save | not able to save | stockage … impossible | временно | 请稍后 | 稍后重试 | しばらく
        remote protocol error | bad sequence | protocol error | data format error | recipient error
        """,
    ),
    _row(
        "user unknown",
        Reason.USER_UNKNOWN,
        """
        user unknown | unknown user | user … unknown | unknown … user | unknown user account | recipient unknown | unknown recipient
        unknown address | address unknown | addressee unknown | unknown e-mail address | unknown email address | unknown mailbox
        mailbox unknown | unknown account | unknown local | unknown or illegal | unknown or invalid | mailbox unavailable
        mailbox … unavailable | no such user | no such mailbox | no such recipient | no such address | no such person
        no such account | no such local user | no such email | no such virtual user | no such name | no user | no mailbox
        no account … name | no valid recipient | no recipient | user not found | user … not found | mailbox not found
        mailbox … not found | recipient not found | recipient … not found | recipnotfound | recipientnotfound | account not found
        address not found | address … couldn't be found | address … could not be found | address wasn't found
        wasn't found at | address … not found | not found in … directory | not … found in ldap | email … not found
        user does not exist | user … does not exist | user doesn't exist | user … doesn't exist | user not exist | user … not exist
        account … does not exist | account … doesn't exist | mailbox does not exist | mailbox … does not exist | mailbox … doesn't exist
        mailbox not exist | recipient … does not exist | recipient … doesn't exist | address … does not exist | address does not exist
        address … doesn't exist | email … does not exist | e-mail … does not exist | recipient … not exist | does not exist here
        does not have an account | doesn't have a … account | doesn't have an account | does not have … account | not have an email account
        not listed in … name & address | not listed in … directory | not listed in public | not listed in domino
        invalid recipient | recipient … invalid | invalid mailbox | invalid user | invalid address | invalid final delivery user
        address … invalid | invalid local | invalid account | invalid email | recipient is invalid | is not valid | not a valid
        not a valid user | not a valid mailbox | not a valid recipient | is not a registered | not a registered | not registered
        recipient name is not recognized | not recognized | not our customer | is not a known user | not a known user | not known at
        user not known | is not known | not known here | not local | no longer available | no longer exist | no longer valid
        no longer in use | no longer a valid | no longer with | no longer employed | address is no longer | wrong or no longer
        address rejected | recipient rejected | recipient address rejected | rejected recipient | rejected address | bad address
        bad recipient | bad destination mailbox | bad mailbox | bad-mailbox | illegal user | illegal recipient | not an active address
        nonexistent user | non-existent user | nonexistent mailbox | non existent | nonexistent | non-existent
        does not like recipient | can't find user | cannot find user | cannot find … mailbox | unable to find … recipient
        unable to find … user | recipient cannot be | cannot be verified | undeliverable address | user is unknown | account unavailable
        account not available | account is unavailable | not a user | deleted mailbox | mailbox … deleted | has been deleted
        user … removed | account … deleted | account … removed | user … left | receiver not found | resolver.adr
        utilisateur inconnu | utilisateur … inconnu | destinataire inconnu | destinataire … inconnu | adresse inconnue
        adresse … inconnue | boite … n'existe pas | adresse … n'existe pas | n'existe pas | introuvable | destinataire invalide
        adresse … destinataire invalide | destinataire … invalide | utilisateur non recense | compte inexistant | adresse inexistante
        benutzer unbekannt | empfanger unbekannt | unbekannter empfanger | unbekannter benutzer | empfanger … unbekannt
        adresse … unbekannt | adresse … existiert nicht | postfach … existiert nicht | existiert nicht | nicht gefunden
        empfangeradresse … ungultig | unbekannt | postfach nicht verfugbar | konto existiert nicht
        usuario desconocido | usuario … desconocido | destinatario desconocido | no existe … usuario | usuario … no existe
        usuario no existe | buzon … no existe | cuenta … no existe | direccion … no existe | direccion … no encontrada | usuario inexistente
        casilla … no existe | casilla inexistente | no se encontro … direccion | no se ha encontrado
        usuario desconhecido | destinatario desconhecido | usuario … nao existe | conta … nao existe | endereco … nao existe
        endereco … nao encontrado | caixa … nao existe | nao encontramos | utente sconosciuto | destinatario sconosciuto
        casella inesistente | utente … inesistente | indirizzo … non esiste | indirizzo … inesistente | non esiste
        onbekende gebruiker | onbekende ontvanger | gebruiker onbekend | bestaat niet | niet gevonden | nieznany uzytkownik
        uzytkownik nieznany | nie istnieje | neznamy uzivatel | neexistuje | okand mottagare | okand anvandare | finns inte
        gick inte att hitta | ukjent bruker | ukendt modtager | finnes ikke | findes ikke | tuntematon | kullanici bulunamadi
        tidak ditemukan | tidak terdaftar | khong ton tai
        пользователь не найден | пользовател … не существ | не существует | не найден | неизвестн … пользовател | нет такого пользователя
        адрес … не существ | получател … не существ | несуществующ | нет такого адреса | недействительн
        用户不存在 | 收件人不存在 | 收件人地址不存在 | 帐号不存在 | 账号不存在 | 邮箱不存在 | 地址不存在 | 无此用户 | 查无此人 | 不存在 | 無此帳號 | 找不到
        存在しない | 存在しません | 見つかりません | 見つからない | あて先不明 | 宛先不明 | ユーザーが見つか | ユーザー不明 | 존재하지 | 없는 사용자 | 찾을 수 없
        """,
    ),
    _row(
        "a server did not say why",  # Sendmail ends every refusal so, after the words of the other server
        Reason.SYSTEM,
        "service unavailable | service not available | transaction failed",
    ),
    _row(
        "expired",
        Reason.EXPIRED,
        """
        retry timeout exceeded | retry time not reached | message expired | envelope expired | delivery expired | expired
        in the queue too long | in queue too long | delivery time expired | gave up | giving up | multiple retries
        failed 20 attempts | delivery failed … attempts | unable to deliver … after | was aborted after | could not be delivered for
        cannot send message for | for … days | 超时 | 重试
        """,
    ),
    _row(
        "network",
        Reason.NETWORK,
        """
        timed out | timeout | time out | connection refused | connection reset | connection dropped | connection was dropped
        connection lost | lost connection | connection closed | connection died | connection fail | connection error
        could not connect | couldn't connect | cannot connect | can't connect | unable to connect | failed to connect
        no route to host | network … unreachable | network is down | host … unreachable | host … down | not reachable | unreachable
        did not accept our requests to connect | could not initiate | no answer | not responding | did not respond
        starttls | tls … required | tls … fail | ssl … fail | handshake | certificate | connection … closed | server … down
        host is down | broken pipe | socket error | routing | no relay | cannot route | unable to route | ssl | 无法连接 | 接続でき
        """,
    ),
    _row(
        "delayed",
        Reason.DELAYED,
        """
        has been delayed | not yet been delivered | will be retried | will continue trying | warning message only
        delivery attempts will continue | still trying | is delayed | delayed | deferred
        """,
    ),
)
