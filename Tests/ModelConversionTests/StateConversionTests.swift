import ClusterModel
import HadoopProtos
import ModelConversion
import Testing

@Suite struct StateConversionTests {
    @Test func `every state has the number that the protocol gives it, both ways`() {
        #expect(ApplicationState.allCases.allSatisfy { $0.proto.rawValue == $0.rawValue && .init($0.proto) == $0 })
        #expect(AttemptState.allCases.allSatisfy { $0.proto.rawValue == $0.rawValue && .init($0.proto) == $0 })
        #expect(
            FinalApplicationStatus.allCases.allSatisfy { $0.proto.rawValue == $0.rawValue && .init($0.proto) == $0 }
        )
        #expect(ContainerState.allCases.allSatisfy { $0.proto.rawValue == $0.rawValue && .init($0.proto) == $0 })
        #expect(NodeState.allCases.allSatisfy { $0.proto.rawValue == $0.rawValue && .init($0.proto) == $0 })
        #expect(QueueState.allCases.allSatisfy { $0.proto.rawValue == $0.rawValue && .init($0.proto) == $0 })
        #expect(ExecutionType.allCases.allSatisfy { $0.proto.rawValue == $0.rawValue && .init($0.proto) == $0 })
        #expect(
            SignalContainerCommand.allCases.allSatisfy { $0.proto.rawValue == $0.rawValue && .init($0.proto) == $0 }
        )
        #expect(LogAggregationStatus.allCases.allSatisfy { $0.proto.rawValue == $0.rawValue && .init($0.proto) == $0 })
    }
}
