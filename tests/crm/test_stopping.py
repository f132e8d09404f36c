"""The stop flag crosses the fork of a worker's children."""

import os

from crm.stopping import StopFlag


def test_a_forked_child_sees_what_its_parent_sets_after_the_fork() -> None:
    flag = StopFlag()
    asked, answer = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.read(asked[0], 1)
        os.write(answer[1], b"1" if flag.is_set() else b"0")
        os._exit(0)
    flag.set()
    os.write(asked[1], b"!")
    assert os.read(answer[0], 1) == b"1"
    os.waitpid(child, 0)
    flag.clear()
    assert not flag.is_set()
