"""Archwright: from a description of a system to an architecture diagram, edited together with an agent."""

__version__ = "0.1.0"
