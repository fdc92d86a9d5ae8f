"""The tasks. A new one is one file and one line here."""

from seqtui.tasks.names import Names
from seqtui.tasks.task import Batch, Encoded, Task

TASKS: dict[str, type[Task]] = {task.name: task for task in (Names,)}

__all__ = ["TASKS", "Batch", "Encoded", "Task"]
