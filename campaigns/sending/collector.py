"""Python's collector of cyclic garbage, kept off what lives as long as the process.

A Django process consists of some 300,000 objects. Sending makes millions more and no cycles, yet every 15,000 messages
or so the collector would look through the whole program, 50 ms at a time, and find nothing.
"""

import gc
from functools import cache


@cache
def set_program_aside() -> None:
    """Once in a process: what is alive now is not looked at again. Cycles that are made later are found as before."""
    gc.collect()
    gc.freeze()
