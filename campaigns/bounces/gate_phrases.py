"""How bounces, delays, answers and receipts begin, in the languages of the mail servers. See `phrasing.py`."""

from campaigns.bounces.phrasing import phrases

SERVER = phrases(
    """
    mailer-daemon | mailerdaemon | mailer daemon | mail-daemon | mail daemon | mdaemon | postmaster | post_master
    post-master | poostmaster | mail deliver | delivery system | delivery subsystem | mail administrator
    mail system | mail router | mail transport | system administrator | system admin | maildeliverysystem
    mail.deliver | bounce | bounces | ndr | content-filter | content filter | smtp server | mailserver | mail server
    microsoft exchange | microsoft outlook | mta | antivirus gateway | mail gateway | interscan | mailsweeper
    mailmarshal | network administrator | systemadministrator
    administrateur systeme | administrador del sistema | administrador do sistema | amministratore di sistema
    """
)
SUBJECT = phrases(
    """
    undeliver | un-deliver | undelivered | not deliver | delivery status | delivery fail | delivery failure
    delivery problem | delivery error | delivery notif | delivery report | delivery delay | delivery has
    delivery incomplete | deliver … fail | deliver … delay | delivery to … fail | failure notice | failure delivery
    failed mail | failed delivery | failed message | failed notice | mail fail | mail error | mail system error
    mail delivery | mail status | returned mail | returned message | returned to | returned email
    returning message | returning mail | return to sender | returning to sender | could not be deliver
    couldn't be deliver | could not send | could not deliver | cannot be deliver | can't be deliver | not be deliver
    not been deliver | cannot send | cannot deliver | nondeliver | non-deliver | non deliver | rejected mail
    mail reject | message reject | postmaster notify | processing error | bounce notification | bounce message
    bounced mail | bounced message | warning … delay | warning … could not | error sending | problem deliver
    message delivery | message status | message delay | message undeliver | message fail | message could
    message not | message you sent | user unknown | unknown user | blocked by | automatically rejected | not member
    not a member | permanent fail | service unavailable | permanent error | mail … failed | unsolicited … from you
    mta-blocked | message notification | nonexistent | olevererbar | non remis | non distribu | echec de
    echec d'envoi | utilisateur non | message non | courrier non | unzustellbar | nicht zugestellt | zustellung
    nicht zustellbar | fehler bei | fehlgeschlagen | unzustell | no se pudo entregar | no se puede entregar
    no entregado | no se ha podido | devuelto | error de entrega | fallo en la entrega | devolvid | nao entregue
    nao foi possivel | nao e possivel | falha na entrega | falha
    mancata consegna | impossibile recapitare | non recapitabile
    non consegnato | mancato recapito | onbestelbaar | niet bezorgd | niet bestelbaar | nie dostarczon | niedostarcz
    niedoreczon | nedoruc | nelze dorucit | kan ikke lever | kunne ikke lever | ikke lever | kan inte lever
    не достав | не может быть доставл | недоставл | не было доставл | ошибка доставки | сбой доставки | возврат
    退信 | 未传递 | 未傳遞 | 未能送达
    无法投递 | 無法投遞 | 无法送达 | 投递失败 | 投遞失敗 | 未送达 | 送信できません | 配信できま | 配送エラー
    送信エラー | 不達 | エラーメール | 配信不能 | 配信失敗 | 配信の失敗 | 配信エラー | 送信失敗 | gagal
    teslim edilemedi | iletilemedi | 전송 실패 | 반송
    """
)
STORY = phrases(
    """
    not be deliver | not be successfully deliver | not be sent | not be reached | not deliver | not been deliver
    not yet been deliver | not yet be deliver | not able to deliver | not reach | n't be deliver | n't be sent
    n't be reached | n't able to deliver | n't deliver | n't been deliver | n't reach | n't able to post
    unable to deliver | unable to send | unable to complete | couldn't be deliver | cannot be deliver
    cannot deliver | could not deliver | could not send | failed to deliver | was undeliverable | is undeliverable
    undeliverable | was rejected | were rejected | is rejected | rejected by | was returned | were returned
    being returned | has been returned | has been rejected | has been blocked | has been delayed
    have been rejected | returned because | delivery to | delevery to | delivery of | delivery status
    delivery failed | delivery has failed | delivery error | delivery failure | delivery problem | delivery attempt
    delivery delay | permanent error | permanent fatal error | permanent failure | fatal errors | failed permanently
    following address | following recipient | following mail | following email | following e-mail
    following destination | transcript of session | transcript of the session | transcript of the attempts
    transcript of attempts | did not reach | trouble deliver | error was detected | problems deliver
    failure reason | does not like recipient | does not like sender | failed recipient | unknown user
    unknown recipient | invalid user | invalid recipient | invalid final delivery | user unknown | failed … attempts
    remote host said | smtp error | error message below | host said | server said | message delivery fail
    message delivery problem | not a member of this mailing | mail box space | account is disabled
    failed addresses follow | undelivered | automatically rejected | generated response | permission to post
    in: mail | error … sending your | error occurred while | there was an error | mailbox … full | over quota
    bounced | message … blocked | considered unsolicited | your message was not | your mail was not
    has encountered delivery | non-deliver | nondeliver | undeliver | message could not be | message you sent
    message that you sent | nicht zugestellt | nicht ausgeliefert | konnte nicht | konnten nicht | unzustellbar
    fehler bei der zustellung | remise pour | n'a pas pu etre | n'a pu etre | n'ont pas pu | n'a pas ete
    echec de la remise | n'existe pas | non remis | no pudo | no ha podido | no se pudo | no ha sido entregado
    no se ha podido | no puede ser entregado | nao pode ser | nao pode ser entregue | nao foi possivel | nao pode
    nao foi entregue
    nao e possivel | falha na entrega | impossibile consegnare | impossibile recapitare | non e stato | non e possibile
    det gick inte | kunne ikke | kan ikke | kan niet | kon niet | niet worden | nie mog | nie zosta | не может быть
    не удалось | не было доставл | не доставлен | не могло быть | не смогли доставить | невозможно доставить | 无法
    退信 | 退回 | 未能 | 未传递 | 未傳遞
    無法 | 投递 | 送信できま | 配信できま | 送信でき | 失敗 | 失败 | 届けられ | エラーのため
    配送でき | 전송 | 반송 | 전달 | iletilemedi | teslim edilemedi | tidak dapat
    """
)
DELAY = phrases(
    """
    has been delayed | not yet been delivered | not been delivered yet | warning message only | will be retried
    will continue trying | will continue to try | will keep trying | keep trying | delivery attempts will continue
    still trying | still being retried | still awaiting | (delay) | delivery delayed | message delayed
    warning … delayed | only a temporary failure report | notification: delayed | could not send mail for past
    could not send message for past | delivery has been delayed | delivery is delayed | message … delayed … hours
    noch nicht zugestellt | verzogert | wird weiterhin versucht | ete retarde | remise differee | se ha retrasado
    demorado | отложен | 延迟 | 延遲 | 遅延 | 遅れて
    """
)
ABSENT = phrases(
    """
    out of office | out of the office | automatic reply | automatic response | auto reply | auto-reply | autoreply
    auto respon | auto-respon | autorespon | vacation | on leave | annual leave | maternity leave | away from my
    away from the | i am away | i'm away | no longer work | no longer with the | left the company | on holiday
    on holidays | abwesen | automatische antwort | ausser haus | im urlaub | reponse automatique | absence | absent
    respuesta autom | ausencia | fuera de la oficina | resposta autom | risposta autom | fuori sede | fuori ufficio
    automatisch antwoord | afwezig | autosvar | automatiskt svar | fravaer | автоответ | автоматическ | в отпуске
    自动回复 | 自動回覆 | 自動返信 | 자동 회신 | 不在
    """
)
CHALLENGE = phrases(
    """
    requires verification | require verification | verify# | please confirm | confirm your email | confirm your message
    challenge
    """
)
ARRIVED = phrases(
    """
    successful | success notice | (success) | return receipt | (relay) | read: | gelesen: | lu : | lu:
    read receipt | has been delivered | has been successfully | was successfully | was read | ungelesen geloscht
    delivered:
    """
)
LIST = phrases("mailing list | group … message | list … message")
OF_PEOPLE = phrases(
    """
    re: | re[ | fw: | fwd: | aw: | wg: | sv: | vs: | tr: | rv: | enc: | antw: | odp: | res: | отв: | пересл: | 回复:
    转发: | 答复: | re： | 回复： | 转发： | 答复：
    """
)
