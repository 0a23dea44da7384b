import DeviceChoice
import Testing

@Suite struct DeviceRequestTests {
  @Test(arguments: [
    ("auto", DeviceRequest.auto), ("AUTO", .auto), ("cpu", .cpu), ("Cpu", .cpu),
    ("opencl", .openCL), ("OpenCL", .openCL), ("opencl:0", .openCLIndex(0)),
    ("OPENCL:12", .openCLIndex(12)), ("opencl:", .name("opencl:")),
    ("opencl:first", .name("opencl:first")), ("GeForce RTX", .name("GeForce RTX")),
    ("cpu0", .name("cpu0")), ("", .name("")),
  ])
  func isRead(_ text: String, _ request: DeviceRequest) {
    #expect(DeviceRequest(text) == request)
  }

  @Test(arguments: ["auto", "cpu", "opencl", "opencl:3", "Radeon"])
  func isWrittenAsItIsRead(_ text: String) {
    #expect(DeviceRequest(text).description == text)
  }
}
