"""The command line, one module per family; bodies import what they need when they run."""
