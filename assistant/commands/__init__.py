"""One small module for each subcommand: `add` registers its arguments, `run` does the work."""
