"""Ask an adapted model: usage 4_ask.py ADAPTER [QUESTION...]."""

import sys

import kgpeft

adapter = kgpeft.load(sys.argv[1])
questions = sys.argv[2:] or ["How hard is topaz?", "Which metal is won from galena?", "Who discovered penicillin?"]

for question, answer in zip(questions, adapter.ask_many(questions), strict=True):
    print(question)
    print(f"  {answer.text}  (confidence {answer.confidence:.2f})")
    for citation in answer.citations:
        print(f"  [{citation}]")
