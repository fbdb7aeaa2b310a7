"""What all tests share: pytest's own way to run pytest."""

pytest_plugins = ["pytester"]
