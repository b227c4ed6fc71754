"""From a description to the calls that draw it."""
