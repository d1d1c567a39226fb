"""The demonstration: published operations go through the platform's public APIs, sent by small scripted actors.

`sample_applications` makes applications of the operations, `behaviour` decides what people do, `actors/` do it, `scenario` runs them,
`progress` and `result` print the counts.
"""
