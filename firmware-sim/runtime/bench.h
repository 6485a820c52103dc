// Clocks the Verilated model of trigc_simulation_wrapper, whose ports are the same for every design: clock, a packed
// stimulus and a packed response. Included after the model, and after lines that define TRIGC_STIMULUS_LIMBS,
// TRIGC_RESPONSE_LIMBS (32-bit words per row) and TRIGC_CLOCKED (0 or 1); a harness for the platform follows it.
//
// Each row is applied, logic settles, the response is taken, and then, if clocked, the clock rises. Three instances
// run side by side, in which everything unknown is 0, 1 and random: a row in which they disagree has an unknown bit.
// Once their states are the same word by word they can never disagree again, and one of them goes on alone.
#ifndef TRIGC_RUNTIME_BENCH_H_
#define TRIGC_RUNTIME_BENCH_H_

TrigcUnknowns trigcUnknowns;

namespace {

// A port of up to 32, up to 64 or more bits.
inline void put(IData& port, const uint32_t* words) { port = words[0]; }
inline void put(QData& port, const uint32_t* words) { port = words[0] | (static_cast<QData>(words[1]) << 32); }
template <size_t Words> inline void put(VlWide<Words>& port, const uint32_t* words) {
    for (size_t word = 0; word < Words; ++word) port[word] = words[word];
}
inline void get(const IData& port, uint32_t* words) { words[0] = port; }
inline void get(const QData& port, uint32_t* words) {
    words[0] = static_cast<uint32_t>(port);
    words[1] = static_cast<uint32_t>(port >> 32);
}
template <size_t Words> inline void get(const VlWide<Words>& port, uint32_t* words) {
    for (size_t word = 0; word < Words; ++word) words[word] = port[word];
}

class Bench {
    static constexpr int instances = 3;
    // Rows between two looks at the states.
    static constexpr uint64_t period = 32;
    static constexpr size_t words = sizeof(VDesign__Syms) / 4;
    static_assert(sizeof(VDesign__Syms) % 4 == 0, "a state is whole words");

    VerilatedContext context;
    VDesign* models[instances];
    // 1 for words of the state that hold addresses: they differ between instances and never change.
    unsigned char* isAddress;
    uint64_t drawnAtStart = 0;
    uint64_t rowsDone = 0;
    uint32_t noise = 0x6d6f6465;

    static const uint32_t* stateOf(const VDesign* model) {
        return reinterpret_cast<const uint32_t*>(model->rootp->vlSymsp);
    }
    VDesign* create(TrigcUnknown kind) {
        trigcUnknowns.kind = kind;
        return new VDesign(&context, "TOP");
    }
    uint32_t nextNoise() {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        return noise;
    }
    bool sameState() const {
        for (int instance = 1; instance < live; ++instance) {
            const uint32_t* const left = stateOf(models[0]);
            const uint32_t* const right = stateOf(models[instance]);
            for (size_t word = 0; word < words; ++word) {
                if (left[word] != right[word] && isAddress[word] == 0) return false;
            }
        }
        return true;
    }

public:
    static constexpr size_t stateWords = 1 + instances * words;
    // Instances that still run; one once all are the same.
    int live = instances;

    Bench() {
        for (int instance = 0; instance < instances; ++instance) models[instance] = create(static_cast<TrigcUnknown>(instance));
        // Where two instances with all unknowns 0 differ, there is an address.
        const uint32_t* const first = stateOf(models[0]);
        const uint32_t* const other = stateOf(create(TrigcUnknown::zeros));
        isAddress = new unsigned char[words];
        for (size_t word = 0; word < words; ++word) isAddress[word] = first[word] != other[word];
    }

    // In the first `unknownRows` rows data inputs are unknown: every instance gets noise of its own.
    void run(const uint32_t* stimulus, uint32_t* response, unsigned char* unknown, uint64_t rows, uint64_t unknownRows) {
        uint32_t noisy[TRIGC_STIMULUS_LIMBS];
        uint32_t other[TRIGC_RESPONSE_LIMBS];
        for (uint64_t row = 0; row < rows; ++row) {
            unknown[row] = 0;
            for (int instance = 0; instance < live; ++instance) {
                VDesign& model = *models[instance];
                trigcUnknowns.kind = static_cast<TrigcUnknown>(instance);
                model.clock = 0;
                if (row < unknownRows) {
                    noisy[0] = stimulus[0];
                    for (int word = 1; word < TRIGC_STIMULUS_LIMBS; ++word) noisy[word] = nextNoise();
                    put(model.stimulus, noisy);
                } else {
                    put(model.stimulus, stimulus);
                }
                model.eval();
                if (instance == 0) {
                    get(model.response, response);
                } else {
                    get(model.response, other);
                    for (int word = 0; word < TRIGC_RESPONSE_LIMBS; ++word) {
                        if (other[word] != response[word]) unknown[row] = 1;
                    }
                }
                if (TRIGC_CLOCKED != 0) {
                    model.clock = 1;
                    model.eval();
                }
            }
            stimulus += TRIGC_STIMULUS_LIMBS;
            response += TRIGC_RESPONSE_LIMBS;
            // Everything that is drawn at the start is drawn in the first row.
            if (rowsDone == 0) drawnAtStart = trigcUnknowns.drawn;
            ++rowsDone;
            if (trigcUnknowns.drawn != drawnAtStart) trigcFail("unknown values are drawn while the design runs");
            if (live > 1 && rowsDone % period == 0 && row >= unknownRows && sameState()) live = 1;
        }
    }

    // The state as `stateWords` words, addresses left out: equal states answer equal rows equally for ever.
    void save(uint32_t* image) const {
        for (size_t word = 0; word < stateWords; ++word) image[word] = 0;
        image[0] = static_cast<uint32_t>(live);
        for (int instance = 0; instance < live; ++instance) {
            const uint32_t* const state = stateOf(models[instance]);
            for (size_t word = 0; word < words; ++word) {
                if (isAddress[word] == 0) image[1 + static_cast<size_t>(instance) * words + word] = state[word];
            }
        }
    }
};

}  // namespace

#endif
