// Clocks the Verilator model of trigc_simulation_wrapper, whose ports are the same for every design: clock, a packed
// stimulus and a packed response. Compiled into one unit with the model, after a line that defines
// TRIGC_STIMULUS_LIMBS and TRIGC_RESPONSE_LIMBS (32-bit words per row).
//
//   bench STIMULUS RESPONSE ROWS RESET_ROWS CLOCKED
//
// STIMULUS holds ROWS rows. Each row is applied, logic settles, the response is written, and then, if CLOCKED, the
// clock rises. Three instances run side by side, with everything unknown 0, 1 and random: where they disagree, the
// first word of the row in RESPONSE is 1. In the first RESET_ROWS rows data inputs are unknown, so they differ too.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

namespace {

constexpr int instances = 3;

// A port of up to 32, up to 64 or more bits, as Verilator represents it.
void put(IData& port, const std::uint32_t* words) { port = words[0]; }
void put(QData& port, const std::uint32_t* words) { port = words[0] | (static_cast<QData>(words[1]) << 32); }
template <std::size_t N> void put(VlWide<N>& port, const std::uint32_t* words) {
    for (std::size_t word = 0; word < N; ++word) port[word] = words[word];
}
void get(const IData& port, std::uint32_t* words) { words[0] = port; }
void get(const QData& port, std::uint32_t* words) {
    words[0] = static_cast<std::uint32_t>(port);
    words[1] = static_cast<std::uint32_t>(port >> 32);
}
template <std::size_t N> void get(const VlWide<N>& port, std::uint32_t* words) {
    for (std::size_t word = 0; word < N; ++word) words[word] = port[word];
}

std::FILE* open(const char* path, const char* mode) {
    std::FILE* const file = std::fopen(path, mode);
    if (file == nullptr) {
        std::perror(path);
        std::exit(2);
    }
    return file;
}

std::uint32_t nextRandom(std::uint32_t& state) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6) {
        std::fprintf(stderr, "usage: bench STIMULUS RESPONSE ROWS RESET_ROWS CLOCKED\n");
        return 2;
    }
    std::FILE* const stimulus = open(argv[1], "rb");
    std::FILE* const response = open(argv[2], "wb");
    const std::uint64_t rows = std::strtoull(argv[3], nullptr, 10);
    const std::uint64_t resetRows = std::strtoull(argv[4], nullptr, 10);
    const bool clocked = argv[5][0] == '1';

    std::vector<std::unique_ptr<VerilatedContext>> contexts;
    std::vector<std::unique_ptr<VDesign>> models;
    for (int instance = 0; instance < instances; ++instance) {
        contexts.push_back(std::make_unique<VerilatedContext>());
        contexts.back()->randReset(instance);  // 0: zeros, 1: ones, 2: random
        contexts.back()->randSeed(20 + instance);
        models.push_back(std::make_unique<VDesign>(contexts.back().get(), "TOP"));
    }

    std::uint32_t row[TRIGC_STIMULUS_LIMBS];
    std::uint32_t unknownRow[TRIGC_STIMULUS_LIMBS];
    std::uint32_t answers[instances][TRIGC_RESPONSE_LIMBS];
    std::uint32_t randomState = 0x74726967;
    for (std::uint64_t index = 0; index < rows; ++index) {
        if (std::fread(row, sizeof row, 1, stimulus) != 1) {
            std::fprintf(stderr, "the stimulus ends early\n");
            return 2;
        }
        for (int instance = 0; instance < instances; ++instance) {
            VDesign& model = *models[instance];
            model.clock = 0;
            if (index < resetRows) {
                unknownRow[0] = row[0];
                for (int word = 1; word < TRIGC_STIMULUS_LIMBS; ++word) unknownRow[word] = nextRandom(randomState);
                put(model.stimulus, unknownRow);
            } else {
                put(model.stimulus, row);
            }
            model.eval();
            get(model.response, answers[instance]);
            if (clocked) {
                model.clock = 1;
                model.eval();
            }
        }
        std::uint32_t disagreement = 0;
        for (int instance = 1; instance < instances; ++instance) {
            if (std::memcmp(answers[0], answers[instance], sizeof answers[0]) != 0) disagreement = 1;
        }
        std::fwrite(&disagreement, sizeof disagreement, 1, response);
        std::fwrite(answers[0], sizeof answers[0], 1, response);
    }
    for (auto& model : models) model->final();
    if (std::fclose(response) != 0) {
        std::perror(argv[2]);
        return 2;
    }
    return 0;
}
