"""The demonstration: real input played through the platform's public APIs by small scripted actors.

`behaviour` decides what people do, `actors/` do it, `play` runs them, `progress` and `result` show what came of it.
"""
