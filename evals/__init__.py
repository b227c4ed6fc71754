"""Development sets, and how well a model does them: `scripts/eval`."""
