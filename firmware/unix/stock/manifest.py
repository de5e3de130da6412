# Stock firmware freezes nothing.
