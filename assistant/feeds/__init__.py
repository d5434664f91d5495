"""News feeds: asked politely, parsed, and their articles brought into an archive.

A feed is written by strangers. Nothing in it may make us read the operator's own network, fill the
memory, hang, or put words into another publisher's article; each module says what it refuses.
"""
