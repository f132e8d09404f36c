"""What servers write about us, about the message, or about a mailbox that exists. See `phrases.py`."""

from campaigns.bounces.phrasing import Row, row
from campaigns.bounces.verdicts import Reason

ABOUT_MESSAGE: tuple[Row, ...] = (
    row(
        "the reply was to MAIL FROM",
        Reason.SENDER,
        """
        in reply to mail from | after mail from | sender was rejected | after … mail command | response to mail from
        >>> mail from: | <<< mail from: | rejected … during mail from
        """,
    ),
    row(
        "before MAIL FROM",
        Reason.BLOCKED,
        """
        after initial connection | in reply to ehlo | in reply to helo | after ehlo | after helo
        refused to talk to me
        """,
    ),
    row(
        "authentication of our domain",
        Reason.AUTHENTICATION,
        """
        dmarc | spf record | spf check | spf fail | fails spf | failed spf | spf validation | dkim
        sender policy framework | sender id fail | unauthenticated email | unauthenticated mail
        authentication checks failed | sender authentication | does not meet authentication
        authentication requirements | authentication-results | not authenticated to send
        authenticate with … domain | message failed authentication
        """,
    ),
    row(
        "the user is unknown, and nothing else",
        Reason.USER_UNKNOWN,
        """
        user unknown in local recipient table | user unknown in virtual | user unknown in relay recipient
        unknown recipient or mailbox unavailable | user unknown in … alias table | user unknown in … mailbox table
        account or domain may not exist | recipient address rejected: access denied | user doesn't have a … account
        not a valid recipient - | mailbox not found (
        """,
    ),
    row(
        "restricted to some senders",  # Exchange, by its own word for it
        Reason.RESTRICTED,
        "resolver.rst.auth | resolver.rst.notauth | resolver.rst.restrict | resolver.rst.sender | recipnotallowed",
    ),
    row(
        "relaying",
        Reason.RELAYING,
        """
        relaying denied | relay denied | relay access denied | relaying not allowed | relay not permitted
        unable to relay | cannot relay | not permitted to relay | no relaying | relaying is not
        relaying prohibited | relaying mail | relay operation rejected | will not relay | don't relay | not relay
        rcpthosts | is not verified | smtp authentication | authentication required | authentication is required
        must authenticate | auth first | must be authenticated | require … authentication | relais interdit
        not a gateway | no such relay | relay not allowed | relay is not | not local … gateway | we do not relay
        ретрансляц
        """,
    ),
    row(
        "block list",
        Reason.BLOCKED,
        """
        blacklist | black list | black-list | blocklist | block list | block-list | blocked using | spamhaus
        spamcop | barracudacentral | sorbs | uceprotect | dnsbl | rbl | is listed | listed by | reputation
        access denied | banned | open relay | client host rejected | client rejected | sender ip | sending ip
        your ip | ip address has been | ip … blocked | blocked … ip | host … blocked | blocked by | has been blocked
        was blocked | is blocked | blocked due | blocked for | mail blocked | messages from … weren't sent
        part of their network is on | denied by … list | reverse dns | reverse lookup | rdns | ptr record | no ptr
        dns ptr | fix reverse | without a valid ptr | not allowed to connect | connection refused by server policy
        invalid ip for sending | ip not in whitelist | no access from mail server | denied access
        unable to resolve your | cannot find your hostname | bad host name | cannot resolve your
        helo command rejected | invalid helo | invalid ehlo | forged helo | dynamic ip | dul | service refuse
        mail from your … refused | not accepting mail from your | suspicious … network | spam source
        connection denied | suspected bounce attack | too many bad commands | too many spam
        unexpected volume or user complaints | user complaints | connections from … refused
        connections not accepted | not accepting connections from | refused by local policy | заблокирован | 黑名单
        拒绝 … ip | ip … 拒绝
        """,
    ),
    row(
        "virus",
        Reason.VIRUS,
        """
        virus | malware | infected | trojan | worm | mcspamsignature | dangerous attachment | phishing | вирус
        病毒 | ウイルス
        """,
    ),
    row(
        "spam",
        Reason.SPAM,
        """
        spam | unsolicited | bulk email | bulk mail | ube, | , ube | junk mail | junk-mail | ubl
        mail content denied | considered … unwanted | unwanted mail | blacklisted url | url … listed
        message scored | content … score | rejected … score | banned content | looks like … junk
        high probability of | message … refused … content | 垃圾邮件 | 迷惑メール | похоже на спам | mail rejete
        ofr 506 | hidden … text | detected as … harmful
        """,
    ),
    row(
        "a mailing list or a group refuses",
        Reason.RESTRICTED,
        """
        resolver.rst | authrequired | not authorized to send | not allowed to send | not permitted to send
        you are not authorized | isn't allowed to send | doesn't have permission | don't have permission
        only accepts | accepts mail … only from | accept mail … only from | not accepting mail from
        not accept mail from | not a member | not member of | non-member | may not have permission | not subscribed
        is restricted | delivery restrictions | recipnotallowed | recipient not allowed | list … moderated
        not in … allowed | is not open to | members only | sender … not in … whitelist | refuses mail from you
        rejected your message | does not accept mail from you | has … blocked you | recipient … has not subscribed
        whitelist only | messages without to | recipient preferences | is rejected by recipients
        not unique. several matches | not unique | ambiguous
        """,
    ),
    row(
        "the sender is refused",
        Reason.SENDER,
        """
        sender address rejected | sender rejected | sender denied | sender … does not exist | sender … not exist
        bad sender | domain of sender address | invalid sender | sender … invalid | sender verify failed
        sender verification | mailfrom | sender domain | sender's domain | domain of … sender | return path
        reverse-path | reverse path | from address | envelope sender | your email address | your domain
        from domain | mail from … rejected | sender callout | sender not | sender unknown | unknown sender
        sender is not | originator | badmailfrom | from: header | отправител … не существ | adresse expediteur
        expediteur | absender | 发件人 | 送信者
        """,
    ),
    row(
        "mailbox full",
        Reason.MAILBOX_FULL,
        """
        mailbox full | mailbox is full | mailbox … is full | mailfolder is full | inbox is full | inbox full
        box is full | mailbox … full | account is full | quota | maildir has overdrawn | over the maximum allowed
        exceeded storage | exceeded … storage | storage … exceeded | mailbox … exceeded | exceed … mailbox size
        exceeds mailbox size | mailbox size limit | mailbox … limit | space not enough | not enough space
        out of storage | insufficient … storage | no space left … mailbox | too much mail data
        too many messages in … mailbox | mailbox … too large | mailbox … overfull | over disk | overquota
        mailbox has exceeded | user … over … limit | account … over … limit | storage allocation | storage limit
        storage space | can't accept … messages … until | receiving mail at a rate … space | mailbox … no room
        no room in mailbox | disk … full for | receiver … full | recipient's mailbox is full | not enough disk space
        mbx full | mailboxfull | mailbox exceeds allowed size | boite … pleine | boite aux lettres … pleine
        boite … saturee | espace … insuffisant | depassement de quota | postfach … voll | postfach ist voll
        mailbox … voll | speicherplatz … erschopft | kontingent | uberfullt | buzon … lleno | buzon lleno
        casilla … llena | casilla … agotado | espacio … agotado | excedido … cuota | cuota | caixa … cheia
        caixa postal … cheia | caixa postal … lotada | caixa de correio cheia | casella … piena | casella piena
        postbus … vol | mailbox vol | skrzynka … pelna | skrzynka … przepelniona | schranka … plna
        postkasse … full | переполнен | превышен … квот | квот | ящик … полон | нет места | 邮箱已满 | 邮箱空间不足
        空间不足 | 邮箱满 | 容量不足 | 超过 … 容量 | メールボックスがいっぱい | メールボックスの容量 | 容量を超え
        容量オーバー | 満杯 | 메일박스 … 초과 | 용량 … 초과 | posta kutusu dolu | kotak … penuh
        """,
    ),
    row(
        "too large",
        Reason.TOO_LARGE,
        """
        message too large | message too big | message is too large | message is too big | message size | too large
        exceeds … maximum message | exceeded … maximum … message size | maximum incoming message size
        maximum inbound message | exceeds … size limit | exceeds … maximum size | size exceeds
        message length exceeds | recipsizelimit | sendersizelimit | mail size | larger than … limit
        exceeding … size | data size exceeds | message exceeds | trop gros | trop volumineu | zu gross
        demasiado grande | muito grande | troppo grande | слишком больш | размер … превы | 邮件过大 | サイズ … 超え
        サイズが大き
        """,
    ),
    row(
        "too many, too fast",
        Reason.RATE_LIMITED,
        """
        too many recipients | too many messages | too many connections | too many emails | too many sessions
        too many mails | rate limit | rate-limit | rate exceeded | sending rate | receiving mail at a rate
        receiving mail too quickly | throttl | too fast | too quickly | too much mail | too frequent
        limit exceeded … hour | connections limit | connection limit | max … per hour | per hour | per day
        try slower | concurrent | frequency limited | 频率 | 発信数
        """,
    ),
    row(
        "greylisted",
        Reason.GREYLISTED,
        """
        greylist | graylist | grey list | gray list | grey-list | temporarily deferred | postgrey | early retry
        """,
    ),
    row(
        "loop",
        Reason.LOOP,
        """
        loop | too many hops | hop count | hopcount | too many received | already has my delivered-to | mails cycle
        schleife | forwarded more than the maximum
        """,
    ),
    row(
        "policy",
        Reason.POLICY,
        """
        policy | policies | against … rule | violat | administrative prohibition | administratively prohibited
        prohibited | local restrictions | security reasons | message refused | refused by … filter
        message rejected by … rule | not permitted | message … not accepted for | email … not accepted
        rejected by … filter | administratively denied | badrcptto | blocked | denied by | forbidden
        rejected by … administrator | mail rejected by destination domain | nicht zugelassen
        """,
    ),
    row(
        "content",
        Reason.CONTENT,
        """
        illegal attachment | attachment … not allowed | attachment type | attachments … not | file type
        content rejected | content … reject | message content | content is not | invalid content
        header … malformed | invalid header | missing … header | bare lf | bare linefeed | line too long
        lines … too long | message format | not rfc compliant | rfc 5322 | rfc 2822 | rfc5322 | rfc2822
        rfc822 … compl | non-ascii | 8bit | utf-8 … not | subject … empty | duplicate header | conversion
        unsupported charset | character set | bad message | message body | potential security | message failed
        may not follow | malformed address | incorrectly constructed
        """,
    ),
)
