"""What an optimizer can do: small tasks with a budget and a pass mark, run as one program."""
