"""What servers write when nobody is at the address; and, between, what only sounds like it. See `phrases.py`."""

from campaigns.bounces.phrasing import Row, row
from campaigns.bounces.verdicts import Reason

ABOUT_ADDRESS: tuple[Row, ...] = (
    row(
        "DNS, today",
        Reason.NETWORK,
        """
        host not found, try again | name server: … lookup | name server … loop | malformed or unexpected name server
        name service error … try again | dns query failed | dns … timeout | dns server … failure
        name server timeout | hostname lookup | host name lookup | temporary dns | dns temporar | server misbehaving
        could not find a gateway | lookup failure, try again | lookup failed, try again | dns timed out
        resolve … timeout | resolver … temporar
        """,
    ),
    row(
        "moved",
        Reason.MOVED,
        """
        has moved | mailbox moved | recipient no longer on server | user has moved | no forwarding address
        address … has changed | has changed … address | no longer at this | has been replaced by
        please update your … address
        """,
    ),
    row(
        "the domain takes no mail",
        Reason.NO_MAIL_ACCEPTED,
        """
        null mx | nullmx | does not accept mail | doesn't receive email | does not receive mail
        doesn't accept mail | domain … not accept … email | host/domain does not accept | no mx record found
        does not receive email
        """,
    ),
    row(
        "the domain does not exist",
        Reason.DOMAIN_UNKNOWN,
        """
        host unknown | unknown host | host not found | domain not found | domain name not found | domain … not found
        name or service not known | host or domain name not found | no such domain | domain does not exist
        domain … does not exist | domain … doesn't exist | nxdomain | invalid domain | unknown domain
        unrouteable mail domain | unrouteable address | unroutable address | unroutable domain | unrouteable domain
        unrouteable | no such host | illegal host | bad domain | couldn't find any host | could not find any host
        cannot find any host | couldn't find any mail | host … not found | domain … not reachable
        domain is not reachable | no mail server … domain | no mx | no mail hosts for domain
        bad destination … system | bad destination system address | domain … not be found
        domain … couldn't be found | all relevant mx records point to non-existent | mx … invalid
        non-existent host | nonexistent domain | non-existent domain | unable to lookup … domain
        domain isn't in my list | not a valid domain | domain … not exist | lookup of … nxdomain | domaine … inconnu
        domaine inexistant | domain … existiert nicht | domain unbekannt | dominio … no existe | dominio inexistente
        dominio … nao existe | домен … не существ | 域名不存在 | 域名 … 不存在 | ドメイン … 見つか
        """,
    ),
    row(
        "user unknown, in so many words",
        Reason.USER_UNKNOWN,
        """
        user unknown | unknown user | no such user | user not found | user … not found | user does not exist
        user not exist
        """,
    ),
    row(
        "disabled",
        Reason.DISABLED,
        """
        account … disabled | account … suspended | account … locked | account … inactive | account … deactivated
        account … closed | account … terminated | account … expired | account … blocked | account … discontinued
        account … frozen | account … dormant | mailbox … disabled | mailbox … inactive | mailbox … suspended
        mailbox … frozen | mailbox … locked | mailbox … blocked | mailbox … deactivated | mailbox … closed
        user … disabled | user … suspended | user … inactive | user … locked | user … deactivated
        recipient … disabled | recipient … suspended | address … disabled | email … disabled | is disabled
        disabled … account | inactive user | inactive account | inactive mailbox | disabled mailbox
        suspended account | domain … suspended | not accepting messages | service … suspended | unpaid
        vdelivermail: account is locked | out of service | mailbox temporarily disabled
        temporarily unavailable mailbox | account … temporarily | user … no longer active | compte … desactive
        compte … suspendu | konto … gesperrt | konto … deaktiviert | cuenta … desactivada | cuenta … suspendida
        casilla ha expirado | casilla … falta de uso | conta … desativada | conta … suspensa | conta … inativa
        аккаунт … заблокирован | ящик … заблокирован | ящик … отключ | 帐号 … 禁用 | 账号 … 禁用 | 被禁用 | 已停用
        被冻结 | 利用停止
        """,
    ),
    row(
        "a server is in trouble",
        Reason.SYSTEM,
        """
        insufficient system | insufficient disk | system resources | queue file write | local error | internal error
        internal server error | internal system error | system error | configuration error | config error
        misconfigur | server error | mailer error | temporary error | temporary failure | temporarily unable
        temporarily unavailable | temporary problem | temporary system | temporary lookup | unable to create
        can't create | cannot create | can't open | cannot open | error opening | i/o error | disk full
        read-only file | permission denied | out of memory | software error | upstream error
        service currently unavailable | please try again later | try again later | try later
        encountered an error while | delivery agent | lookup failed | lookup failure | database | ldap
        unable to open | command died | exit status | fatal error … mailer | not possible to save | not able to save
        stockage … impossible | временно | 请稍后 | 稍后重试 | しばらく | remote protocol error | bad sequence
        protocol error | data format error | recipient error
        """,
    ),
    row(
        "something else is unknown",
        Reason.SYSTEM,
        """
        unknown error | unknown reason | unknown problem | unknown failure | unknown command | unknown host error
        command not recognized | command unrecognized | unrecognized command | syntax error | unbekannter fehler
        unbekannte ursache | erreur inconnue | error desconocido | erro desconhecido | неизвестная ошибка | 未知错误
        """,
    ),
    row(
        "no agreement on encryption",
        Reason.NETWORK,
        "starttls | tls … required | tls … fail | tls handshake | ssl … fail | ssl error | certificate",
    ),
    row(
        "user unknown",
        Reason.USER_UNKNOWN,
        """
        user not local | unavailable or not local | address is not valid | recipient is not valid | user is not valid
        mailbox is not valid | not a valid address | not a valid email | not a valid e-mail | user … not registered
        address … not registered | user is not known
        not known at this | recipient … cannot be verified | nonexistent account
        nonexistent recipient | non-existent mailbox | non-existent recipient | non-existent user | non existent user
        nonexistent address | non-existent address | no longer available at | account … no longer available
        mailbox … no longer available | user … no longer available | recipient … no longer available
        address … no longer available | account has been deleted | mailbox has been deleted | user has been deleted
        address has been deleted | recipient has been deleted | address is invalid | address … is invalid
        address invalid | recipient cannot be found
        user unknown | unknown user | user … unknown | unknown user account | recipient unknown
        unknown recipient | unknown address | address unknown | addressee unknown | unknown e-mail address
        unknown email address | unknown mailbox | mailbox unknown | unknown account | unknown local
        unknown or illegal | unknown or invalid | mailbox unavailable | mailbox … unavailable | no such user
        no such mailbox | no such recipient | no such address | no such person | no such account
        no such local user | no such email | no such virtual user | no such name | no user | no mailbox
        no account … name | no valid recipient | user not found | user … not found
        mailbox not found | mailbox … not found | recipient not found | recipient … not found | recipnotfound
        recipientnotfound | account not found | address not found | address … couldn't be found
        address … could not be found | address wasn't found | wasn't found at | address … not found
        not found in … directory | not … found in ldap | email … not found | user does not exist
        user … does not exist | user doesn't exist | user … doesn't exist | user not exist | user … not exist
        account … does not exist | account … doesn't exist | mailbox does not exist | mailbox … does not exist
        rcpt … exist
        mailbox … doesn't exist | mailbox not exist | recipient … does not exist | recipient … doesn't exist
        address … does not exist | address does not exist | address … doesn't exist | email … does not exist
        e-mail … does not exist | recipient … not exist | does not exist here | does not have an account
        doesn't have a … account | doesn't have an account | does not have … account | not have an email account
        not listed in … name & address | not listed in … directory | not listed in public | not listed in domino
        invalid recipient | invalid rcpt | recipient … invalid | invalid mailbox | invalid user | invalid address
        invalid final delivery user | invalid local | invalid account | invalid email
        recipient is invalid | not a valid user | not a valid mailbox
        not a valid recipient | not a registered
        recipient name is not recognized | not our customer | is not a known user
        not a known user | user not known | not known here
        no longer exist | no longer valid | no longer in use | no longer a valid
        no longer with | no longer employed | address is no longer | wrong or no longer | address rejected
        recipient rejected | rejected recipient | rejected address | bad address
        bad recipient | bad destination mailbox | bad mailbox | bad-mailbox | illegal user | illegal recipient
        not an active address | nonexistent user | non-existent user | nonexistent mailbox
        does not like recipient | can't find user | cannot find user
        cannot find … mailbox | unable to find … recipient | unable to find … user
        undeliverable address | user is unknown | account unavailable | account not available
        account is unavailable | not a user | deleted mailbox | mailbox … deleted
        user … removed | account … deleted | account … removed | user … left | receiver not found | resolver.adr
        utilisateur inconnu | utilisateur … inconnu | destinataire inconnu | destinataire … inconnu
        adresse inconnue | adresse … inconnue | boite … n'existe pas | adresse … n'existe pas | n'existe pas
        introuvable | destinataire invalide | adresse … destinataire invalide | destinataire … invalide
        utilisateur non recense | compte inexistant | adresse inexistante | benutzer unbekannt | empfanger unbekannt
        unbekannter empfanger | unbekannter benutzer | empfanger … unbekannt | adresse … unbekannt
        adresse … existiert nicht | postfach … existiert nicht | existiert nicht | nicht gefunden
        empfangeradresse … ungultig | postfach nicht verfugbar | konto existiert nicht
        usuario desconocido | usuario … desconocido | destinatario desconocido | no existe … usuario
        usuario … no existe | usuario no existe | buzon … no existe | cuenta … no existe | direccion … no existe
        direccion … no encontrada | usuario inexistente | casilla … no existe | casilla inexistente
        no se encontro … direccion | no se ha encontrado | usuario desconhecido | destinatario desconhecido
        usuario … nao existe | conta … nao existe | endereco … nao existe | endereco … nao encontrado
        caixa … nao existe | nao encontramos | nao foi encontrado | non e stato trovato | brak takiego | nincs ilyen
        nie ma takiego | ismeretlen | kullanici yok
        utente sconosciuto | destinatario sconosciuto | casella inesistente
        utente … inesistente | indirizzo … non esiste | indirizzo … inesistente | non esiste | onbekende gebruiker
        onbekende ontvanger | gebruiker onbekend | bestaat niet | niet gevonden | nieznany uzytkownik
        uzytkownik nieznany | nie istnieje | neznamy uzivatel | neexistuje | okand mottagare | okand anvandare
        finns inte | gick inte att hitta | ukjent bruker | ukendt modtager | finnes ikke | findes ikke | tuntematon
        kullanici bulunamadi | tidak ditemukan | tidak terdaftar | khong ton tai | пользователь не найден
        пользовател … не существ | не существует | не найден | неизвестн … пользовател | нет такого пользователя
        адрес … не существ | получател … не существ | несуществующ | нет такого адреса | недействительн | 用户不存在
        收件人不存在 | 收件人地址不存在 | 帐号不存在 | 账号不存在 | 邮箱不存在 | 地址不存在 | 无此用户 | 查无此人
        不存在 | 無此帳號 | 找不到 | 存在しない | 存在しません | 見つかりません | 見つからない | あて先不明
        宛先不明 | ユーザーが見つか | ユーザー不明 | 존재하지 | 없는 사용자 | 찾을 수 없
        """,
    ),
)
