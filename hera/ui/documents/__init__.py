"""A kept comparison as a document: a page, Markdown, a picture. They open without HERA."""
