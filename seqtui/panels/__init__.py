"""Trace → Panel: what is drawn, as plain data. Two outlets: `text` here, and the terminal's `tui.render`."""

from seqtui.panels.layout import Layout, arrange, window
from seqtui.panels.panel import ORDERS, Order, Panel, heatmap, part_panels, parts
from seqtui.panels.view import View

__all__ = [
    "ORDERS",
    "Layout",
    "Order",
    "Panel",
    "View",
    "arrange",
    "heatmap",
    "part_panels",
    "parts",
    "window",
]
