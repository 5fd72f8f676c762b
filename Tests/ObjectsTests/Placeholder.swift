import Testing

@Suite struct ObjectsPlaceholder {}
