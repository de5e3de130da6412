"""What `weft bench` measures, and how.

`rows` names the operations, `worker` times them in a process of its own for each side, and
`compare` runs the two processes in turns. `order` counts how often an example's lines come in their
usual order. See weft.commands.bench for the command.
"""
