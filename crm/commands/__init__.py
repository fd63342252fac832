"""One module a noun or everyday verb: parse, one action, render."""
