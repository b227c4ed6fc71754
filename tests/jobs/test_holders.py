"""A holder is dead when, and only when, its process is gone."""

import signal
import subprocess
import sys
from pathlib import Path

from archwright.jobs.holders import Holder

_CHILD = """
import sys, time
from pathlib import Path
from archwright.jobs.holders import Holder
holder = Holder(Path(sys.argv[1]))
print(holder.name, flush=True)
time.sleep(60)
"""


def _child(directory: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([sys.executable, "-c", _CHILD, str(directory)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_killed_process_is_dead_at_once_and_a_stopped_one_is_not(tmp_path: Path) -> None:
    here = Holder(tmp_path)
    process, name = _child(tmp_path)
    assert here.dead() == ()
    process.send_signal(signal.SIGSTOP)
    assert here.dead() == ()
    process.kill()
    process.wait(10)
    assert here.dead() == (name,)
    here.close()


def test_two_holders_of_one_process_tell_each_other_alive(tmp_path: Path) -> None:
    one, two = Holder(tmp_path), Holder(tmp_path)
    assert (one.dead(), two.dead()) == ((), ())
    one.close()
    assert two.dead() == (one.name,)
    two.close()
