// The harness around bench.h in WebAssembly: no imports; vectors are exchanged through the module's memory.
#ifndef TRIGC_RUNTIME_WASM_HARNESS_H_
#define TRIGC_RUNTIME_WASM_HARNESS_H_

extern "C" unsigned char __heap_base;

namespace {

size_t heapEnd = 0;
const char* failure = nullptr;
Bench* bench = nullptr;

// Memory is taken and never given back: an instance of the module serves one run. Fresh memory is zero.
void* take(size_t bytes) {
    constexpr size_t page = 65536;
    if (heapEnd == 0) heapEnd = (reinterpret_cast<size_t>(&__heap_base) + 63) & ~size_t{63};
    const size_t start = heapEnd;
    heapEnd += (bytes + 63) & ~size_t{63};
    const size_t pages = (heapEnd + page - 1) / page;
    const size_t present = __builtin_wasm_memory_size(0);
    if (heapEnd < start || (pages > present && __builtin_wasm_memory_grow(0, pages - present) == ~size_t{0})) {
        trigcFail("out of memory");
    }
    return reinterpret_cast<void*>(start);
}

}  // namespace

void trigcFail(const char* message) {
    failure = message;
    __builtin_trap();
}

void* operator new(size_t bytes) { return take(bytes); }
void* operator new[](size_t bytes) { return take(bytes); }
void operator delete(void*) noexcept {}
void operator delete(void*, size_t) noexcept {}

#define TRIGC_EXPORT(name) extern "C" __attribute__((export_name(#name)))

TRIGC_EXPORT(trigcPrepare) void trigcPrepare() { bench = new Bench; }
TRIGC_EXPORT(trigcTake) void* trigcTake(size_t bytes) { return take(bytes); }
TRIGC_EXPORT(trigcRun)
void trigcRun(const uint32_t* stimulus, uint32_t* response, unsigned char* unknown, uint32_t rows, uint32_t unknownRows) {
    bench->run(stimulus, response, unknown, rows, unknownRows);
}
TRIGC_EXPORT(trigcStateWords) uint32_t trigcStateWords() { return Bench::stateWords; }
TRIGC_EXPORT(trigcSave) void trigcSave(uint32_t* image) { bench->save(image); }
TRIGC_EXPORT(trigcLive) uint32_t trigcLive() { return static_cast<uint32_t>(bench->live); }
TRIGC_EXPORT(trigcFailure) const char* trigcFailure() { return failure; }

#endif
