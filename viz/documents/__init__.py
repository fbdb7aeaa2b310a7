"""What puts a picture into Markdown, HTML, Sphinx, MyST, Quarto and LaTeX."""
