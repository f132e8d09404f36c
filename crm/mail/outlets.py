"""What mail leaves through: an SMTP server or a provider's API, behind one interface.

Both give connections that stream messages and say of each how far it came; who sends need not know which it is.
"""

from crm.mail.api.outlet import ApiConnection
from crm.mail.api.server import ApiServer
from crm.mail.smtp import Connection, Server

AnyServer = Server | ApiServer
AnyConnection = Connection | ApiConnection


async def open_connection(server: AnyServer) -> AnyConnection:
    """Raises ConnectionFailed, whose attempt a verdict judges like any other."""
    if isinstance(server, ApiServer):
        return await ApiConnection.open(server)
    return await Connection.open(server)
