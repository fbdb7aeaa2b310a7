"""What stands behind the words of the command line: options, runs, output, and a recipe as a line."""
