"""A name server on loopback that answers TXT questions from a table: real packets, no network."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@contextmanager
def name_server(records: Mapping[str, list[str]], rcode: int = dns.rcode.NXDOMAIN) -> Iterator[str]:
    """Yields "address:port". A record is written as in a zone file: quoted strings. ``rcode`` answers other names."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.1)
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, records, rcode, over))
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


def _serve(server: socket.socket, records: Mapping[str, list[str]], rcode: int, over: threading.Event) -> None:
    while not over.is_set():
        try:
            packet, client = server.recvfrom(4096)
        except TimeoutError:
            continue
        server.sendto(_answer(dns.message.from_wire(packet), records, rcode).to_wire(), client)


def _answer(question: dns.message.Message, records: Mapping[str, list[str]], rcode: int) -> dns.message.Message:
    answer = dns.message.make_response(question)
    answer.flags |= dns.flags.RA
    name = question.question[0].name
    texts = records.get(name.to_text(omit_final_dot=True))
    if texts is None:
        answer.set_rcode(dns.rcode.Rcode(rcode))
    elif texts:
        answer.answer.append(dns.rrset.from_text_list(name, 60, "IN", "TXT", texts))
    return answer
