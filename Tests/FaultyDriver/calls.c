// A wrapper of each counted function: it counts the call, fails if it is time to, and keeps the ledger.
#include "layer.h"

#include <stddef.h>

typedef void(CL_CALLBACK *ContextNotice)(const char *, const void *, size_t, void *);
typedef void(CL_CALLBACK *MemoryNotice)(cl_mem, void *);
typedef void(CL_CALLBACK *ProgramNotice)(cl_program, void *);
typedef void(CL_CALLBACK *EventNotice)(cl_event, cl_int, void *);

// The parameters and the arguments of a function with parameters of these types.
#define NUMBER(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, n, ...) n
#define COUNT(...) NUMBER(__VA_ARGS__, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define PARAMETERS(...) JOIN(P, COUNT(__VA_ARGS__))(__VA_ARGS__)
#define ARGUMENTS(...) JOIN(A, COUNT(__VA_ARGS__))
#define P1(t) t p1
#define P2(t, ...) t p2, P1(__VA_ARGS__)
#define P3(t, ...) t p3, P2(__VA_ARGS__)
#define P4(t, ...) t p4, P3(__VA_ARGS__)
#define P5(t, ...) t p5, P4(__VA_ARGS__)
#define P6(t, ...) t p6, P5(__VA_ARGS__)
#define P7(t, ...) t p7, P6(__VA_ARGS__)
#define P8(t, ...) t p8, P7(__VA_ARGS__)
#define P9(t, ...) t p9, P8(__VA_ARGS__)
#define P10(t, ...) t p10, P9(__VA_ARGS__)
#define P11(t, ...) t p11, P10(__VA_ARGS__)
#define P12(t, ...) t p12, P11(__VA_ARGS__)
#define P13(t, ...) t p13, P12(__VA_ARGS__)
#define A1 p1
#define A2 p2, A1
#define A3 p3, A2
#define A4 p4, A3
#define A5 p5, A4
#define A6 p6, A5
#define A7 p7, A6
#define A8 p8, A7
#define A9 p9, A8
#define A10 p10, A9
#define A11 p11, A10
#define A12 p12, A11
#define A13 p13, A12

#define EACH(name) CALL_##name,
enum {
#include "calls.def"
  CALLS
};
#undef EACH
#define EACH(name) #name,
const char *const call_names[] = {
#include "calls.def"
};
#undef EACH
const int call_count = CALLS;

#define CODE(name, ...) \
  static cl_int CL_API_CALL wrapped_##name(PARAMETERS(__VA_ARGS__)) { \
    cl_int code = begin_call(CALL_##name); \
    return code != CL_SUCCESS ? code : limited.name(ARGUMENTS(__VA_ARGS__)); \
  }

#define MAKE(name, kind, result, ...) \
  static result CL_API_CALL wrapped_##name(PARAMETERS(__VA_ARGS__), cl_int *code) { \
    cl_int unwanted; \
    if (!code) code = &unwanted; \
    *code = begin_call(CALL_##name); \
    if (*code != CL_SUCCESS) return NULL; \
    result object = limited.name(ARGUMENTS(__VA_ARGS__), code); \
    if (object) ledger_made(kind, object); \
    return object; \
  }

#define ENQUEUE(name, ...) \
  static cl_int CL_API_CALL wrapped_##name(PARAMETERS(__VA_ARGS__), cl_event *event) { \
    cl_int code = begin_call(CALL_##name); \
    if (code != CL_SUCCESS) return code; \
    code = limited.name(ARGUMENTS(__VA_ARGS__), event); \
    if (code == CL_SUCCESS && event) ledger_made(EVENT, *event); \
    return code; \
  }

#define RETAIN(name, kind, type) \
  static cl_int CL_API_CALL wrapped_##name(type object) { \
    cl_int code = begin_call(CALL_##name); \
    if (code == CL_SUCCESS) code = limited.name(object); \
    if (code == CL_SUCCESS) ledger_retained(kind, object); \
    return code; \
  }

// One that is made to fail releases all the same: the program has done its part.
#define RELEASE(name, kind, type) \
  static cl_int CL_API_CALL wrapped_##name(type object) { \
    cl_int fault = begin_call(CALL_##name); \
    ledger_released(kind, object); \
    cl_int code = limited.name(object); \
    return fault != CL_SUCCESS ? fault : code; \
  }

#define MAP(name, ...) \
  static void *CL_API_CALL wrapped_##name( \
      PARAMETERS(__VA_ARGS__), cl_event *event, cl_int *code) { \
    cl_int unwanted; \
    if (!code) code = &unwanted; \
    *code = begin_call(CALL_##name); \
    if (*code != CL_SUCCESS) return NULL; \
    void *address = limited.name(ARGUMENTS(__VA_ARGS__), event, code); \
    if (*code == CL_SUCCESS) ledger_made(MAPPING, address); \
    if (*code == CL_SUCCESS && event) ledger_made(EVENT, *event); \
    return address; \
  }

#define UNMAP(name) \
  static cl_int CL_API_CALL wrapped_##name( \
      cl_command_queue queue, cl_mem memory, void *address, cl_uint count, \
      const cl_event *events, cl_event *event) { \
    cl_int code = begin_call(CALL_##name); \
    if (code != CL_SUCCESS) return code; \
    ledger_released(MAPPING, address); \
    code = limited.name(queue, memory, address, count, events, event); \
    if (code == CL_SUCCESS && event) ledger_made(EVENT, *event); \
    return code; \
  }

#include "calls.def"

void wrap_calls(cl_icd_dispatch *table) {
#define EACH(name) if (table->name) table->name = wrapped_##name;
#include "calls.def"
}
