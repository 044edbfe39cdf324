"""The desk: a process beside the crawl that takes articles through the steps of the pipeline and into the store.

Fetching keeps one core busy; without the desk, cleaning, comparing, flagging and storing would wait for the same one.
There is one desk and it takes one article after the other, so that two reprints cannot both be taken for new. Those
that wait by then are saved in one transaction, as a disk may take a while to keep one. What the desk answers is kept
already. It ends when the crawl process does, with the articles that it has in hand. Most runs find few articles, which
are done before a desk would be up: they go through the steps in the crawl process itself.
"""
