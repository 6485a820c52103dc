// What a generated model is made of, and the values of what is unknown.
#ifndef TRIGC_RUNTIME_MODEL_H_
#define TRIGC_RUNTIME_MODEL_H_

// An unknown bit is 0 in the first instance of a model, 1 in the second and random in the third: where they disagree,
// something unknown has reached an output. The harness says whose turn it is; `drawn` counts the values given, so that
// it can see when there will be no more of them.
enum class TrigcUnknown { zeros, ones, random };
struct TrigcUnknowns {
    TrigcUnknown kind = TrigcUnknown::zeros;
    uint64_t drawn = 0;
    uint32_t state = 0x74726967;
    // xorshift32 (G. Marsaglia, Xorshift RNGs, 2003).
    uint32_t next() {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state;
    }
    uint32_t word() {
        ++drawn;
        return kind == TrigcUnknown::zeros ? 0 : kind == TrigcUnknown::ones ? ~uint32_t{0} : next();
    }
};
extern TrigcUnknowns trigcUnknowns;

inline IData VL_RAND_RESET_I(int bits) { return trigcUnknowns.word() & VL_MASK_I(bits); }
inline QData VL_RAND_RESET_Q(int bits) {
    const QData low = trigcUnknowns.word();
    return (low | (static_cast<QData>(trigcUnknowns.word()) << 32)) & VL_MASK_Q(bits);
}
TRIGC_WIDE WDataOutP VL_RAND_RESET_W(int bits, WDataOutP out) {
    for (int word = 0; word < VL_WORDS_I(bits); ++word) out[word] = trigcUnknowns.word();
    return trigcClean(bits, out);
}

// Which of `Count` events of a scheduling region have happened.
template <size_t Count> class VlTriggerVec {
    bool flags[Count] = {};

public:
    bool& at(size_t index) { return flags[index]; }
    bool at(size_t index) const { return flags[index]; }
    bool any() const {
        for (const bool flag : flags) {
            if (flag) return true;
        }
        return false;
    }
    void clear() {
        for (bool& flag : flags) flag = false;
    }
    void set(const VlTriggerVec& other) {
        for (size_t index = 0; index < Count; ++index) flags[index] |= other.flags[index];
    }
    void andNot(const VlTriggerVec& left, const VlTriggerVec& right) {
        for (size_t index = 0; index < Count; ++index) flags[index] = left.flags[index] && !right.flags[index];
    }
};

class VerilatedModel;
class VerilatedContext {
public:
    void addModel(VerilatedModel*) {}
    void timeunit(int) {}
    void timeprecision(int) {}
};

class VerilatedModel {
    VerilatedContext& context;

public:
    explicit VerilatedModel(VerilatedContext& given) : context(given) {}
    virtual ~VerilatedModel() = default;
    VL_UNCOPYABLE(VerilatedModel);
    VerilatedContext* contextp() const { return &context; }
    virtual const char* hierName() const = 0;
    virtual const char* modelName() const = 0;
    virtual unsigned threads() const = 0;
};

class VerilatedModule {
    const char* const nameOf;

public:
    explicit VerilatedModule(const char* name) : nameOf(name) {}
    VL_UNCOPYABLE(VerilatedModule);
    const char* name() const { return nameOf; }
};

class VerilatedEvalMsgQueue;
class VerilatedSyms {
public:
    VerilatedContext* _vm_contextp__;
    VerilatedEvalMsgQueue* __Vm_evalMsgQp = nullptr;
    explicit VerilatedSyms(VerilatedContext* context) : _vm_contextp__(context) {}
    VL_UNCOPYABLE(VerilatedSyms);
};

// The default context of a constructor that harnesses do not use, and hooks of multi-threaded models.
class Verilated {
public:
    static VerilatedContext* threadContextp() {
        static VerilatedContext context;
        return &context;
    }
    static void mtaskId(unsigned) {}
    static void endOfThreadMTask(VerilatedEvalMsgQueue*) {}
    static void endOfEval(VerilatedEvalMsgQueue*) {}
};

// Ends the run with a message; given by the harness. The generated code calls it where scheduling does not converge.
[[noreturn]] void trigcFail(const char* message);
inline void VL_FATAL_MT(const char*, int, const char*, const char* message) { trigcFail(message); }

#endif
