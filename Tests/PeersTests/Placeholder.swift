import Testing

@Suite struct PeersPlaceholder {}
