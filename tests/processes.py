"""Child processes for tests that kill them: forked from a server that has imported what they need.

A process has one such server, and whoever names its modules last decides for all; so they are named here, once. A
child that had to import the agent for itself would be killed before it had done anything.
"""

import multiprocessing

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(
    ["tests.agent.worker", "tests.store.sqlite.writers", "archwright.agent.architect", "archwright.model.models"]
)
