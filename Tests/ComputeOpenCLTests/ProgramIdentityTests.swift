import COpenCL
import Foundation
import Testing

@testable import ComputeOpenCL

@Suite struct ProgramIdentityTests {
  @Test func variablesOfDriversCount() {
    let environment = [
      "OPENCL_LAYERS": "a.so", "OCL_ICD_VENDORS": "b", "POCL_MAX_WORK_GROUP_SIZE": "8",
      "CL_CONFIG_USE_VECTORIZER": "0", "RUSTICL_ENABLE": "llvmpipe", "MESA_DEBUG": "\"\n",
      "CUDA_CACHE_DISABLE": "1", "AMD_OCL_BUILD_OPTIONS": "-O0", "IGC_ShaderDumpEnable": "1",
      "ForceSimdWidth": "8",
      "HOME": "/root", "PATH": "/bin", "TERM": "xterm", "PMIX_RANK": "3", "http_proxy": "x",
      "DIGITALIS_INSTRUCTION_SET": "avx2",
    ]
    let lines = ProgramIdentity.variables(of: environment)
    #expect(lines.count == 10)
    #expect(lines.contains("variable OPENCL_LAYERS \"a.so\"\n"))
    #expect(lines.contains("variable MESA_DEBUG \"\\\"\\n\"\n"))
    #expect(lines == lines.sorted())
  }

  @Test func processorsCount() {
    let text = """
      processor\t: 0
      model name\t: Some Processor
      cpu MHz\t\t: 2900.000
      flags\t\t: fpu avx avx512f
      power management:

      processor\t: 1
      model name\t: Some Processor
      flags\t\t: fpu avx

      """
    #expect(
      ProgramIdentity.processor(text) == [
        "processor model name \"Some Processor\"\n", "processor flags \"fpu avx avx512f\"\n",
      ])
    #expect(ProgramIdentity.processor("") == [])
  }

  @Test func librariesCount() {
    let maps = """
      55d0-55d4 r-xp 00000000 fe:00 11 /opt/my tool
      7f00-7f10 r--p 00000000 fe:00 12                         /usr/lib/libOpenCL.so.1.0.0
      7f10-7f20 r-xp 00010000 fe:00 12                         /usr/lib/libOpenCL.so.1.0.0
      7f20-7f30 rw-p 00020000 fe:00 12                         /usr/lib/libOpenCL.so.1.0.0
      7f30-7f40 r--p 00000000 fe:00 13                         /usr/lib/locale/C.utf8
      7f40-7f50 rwxp 00000000 00:00 0
      7ffd-7ffe r-xp 00000000 00:00 0                          [vdso]

      """
    #expect(
      ProgramIdentity.libraries(in: maps) == ["/opt/my tool", "/usr/lib/libOpenCL.so.1.0.0"])
  }

  @Test(.enabled(if: TestDevice.any, "no OpenCL device here")) func devicesCount() throws {
    for handle in OpenCLDevice.available().devices {
      let text = ProgramIdentity.text(of: handle.identifier)
      #expect(text == ProgramIdentity.text(of: handle.identifier))
      for value in [
        handle.description.name, handle.description.platform, handle.description.driver,
        ComputeOpenCL.text(handle.identifier, CL_DEVICE_VERSION, clGetDeviceInfo),
      ] {
        #expect(text.contains(value.debugDescription))
      }
      let lines = text.split(separator: "\n")
      for path in ["/libOpenCL.so", "/libc.so"] {
        #expect(lines.contains { $0.hasPrefix("library \"/") && $0.contains(path) })
      }
      #expect(lines.contains { $0.hasPrefix("processor ") })
    }
  }
}
