"""Teaching a model: the loop, snapshots, checkpoints and scores."""

from seqtui.training.checkpoints import Loaded, load_model, train_checkpoint, write_checkpoint
from seqtui.training.driver import run
from seqtui.training.loop import Edit, Point, Training
from seqtui.training.record import new_run_id, resume
from seqtui.training.threads import use_threads

__all__ = [
    "Edit",
    "Loaded",
    "Point",
    "Training",
    "load_model",
    "new_run_id",
    "resume",
    "run",
    "train_checkpoint",
    "use_threads",
    "write_checkpoint",
]
