import Testing

@Suite struct FusePlaceholder {}
