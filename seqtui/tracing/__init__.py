"""Any torch module → Trace: hooks see it run, what stays inside is recovered and checked."""

from seqtui.tracing.trace import forced_forward, trace_model, trace_scene

__all__ = ["forced_forward", "trace_model", "trace_scene"]
