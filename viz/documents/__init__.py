"""What puts a picture into Markdown, HTML, Sphinx, MyST, Quarto, LaTeX and Typst."""
