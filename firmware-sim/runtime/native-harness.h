// The harness around bench.h as a program:
//
//   bench STIMULUS RESPONSE ROWS UNKNOWN_ROWS
//
// STIMULUS holds ROWS packed rows. RESPONSE gets as many packed rows, and after them a byte for each row, 1 where the
// row has an unknown bit.
#ifndef TRIGC_RUNTIME_NATIVE_HARNESS_H_
#define TRIGC_RUNTIME_NATIVE_HARNESS_H_

#include <cstdio>
#include <cstdlib>
#include <new>
#include <vector>

void trigcFail(const char* message) {
    std::fprintf(stderr, "error: %s\n", message);
    std::exit(2);
}

// States are compared word by word: what lies between their members must be the same in all of them.
void* operator new(size_t bytes) {
    void* const memory = std::calloc(1, bytes == 0 ? 1 : bytes);
    if (memory == nullptr) trigcFail("out of memory");
    return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace {

std::FILE* openFile(const char* path, const char* mode) {
    std::FILE* const file = std::fopen(path, mode);
    if (file == nullptr) {
        std::perror(path);
        std::exit(2);
    }
    return file;
}

void writeAll(const void* from, size_t size, size_t count, std::FILE* file) {
    if (std::fwrite(from, size, count, file) != count) trigcFail("the response cannot be written");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) trigcFail("usage: bench STIMULUS RESPONSE ROWS UNKNOWN_ROWS");
    std::FILE* const input = openFile(argv[1], "rb");
    std::FILE* const output = openFile(argv[2], "wb");
    const uint64_t total = std::strtoull(argv[3], nullptr, 10);
    const uint64_t unknownRows = std::strtoull(argv[4], nullptr, 10);
    constexpr uint64_t batch = 4096;
    Bench* const bench = new Bench;
    std::vector<uint32_t> stimulus(batch * TRIGC_STIMULUS_LIMBS);
    std::vector<uint32_t> response(batch * TRIGC_RESPONSE_LIMBS);
    std::vector<unsigned char> unknown(total + 1);
    for (uint64_t row = 0; row < total; row += batch) {
        const uint64_t rows = total - row < batch ? total - row : batch;
        if (std::fread(stimulus.data(), 4 * TRIGC_STIMULUS_LIMBS, rows, input) != rows) trigcFail("the stimulus ends early");
        bench->run(stimulus.data(), response.data(), &unknown[row], rows, unknownRows > row ? unknownRows - row : 0);
        writeAll(response.data(), 4 * TRIGC_RESPONSE_LIMBS, rows, output);
    }
    writeAll(unknown.data(), 1, total, output);
    if (std::fclose(output) != 0) trigcFail("the response cannot be written");
    return 0;
}

#endif
