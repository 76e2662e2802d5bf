package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtSymbolBlock;

/** Runs a method of a script module with arguments of any type, in the caller's grad mode. */
public final class ScriptMethod {
    private ScriptMethod() {}

    /**
     * DJL's public route takes tensors only and its default turns inference mode on, whose results can enter neither
     * autograd nor in-place operators; hence the native call with {@code train = true}.
     *
     * @return a value that the caller closes
     */
    public static IValue run(PtSymbolBlock module, String method, IValue... arguments) {
        long[] handles = new long[arguments.length];
        for (int i = 0; i < handles.length; i++) {
            handles[i] = arguments[i].getHandle();
        }
        return new IValue(PyTorchLibrary.LIB.moduleRunMethod(module.getHandle(), method, handles, true, false));
    }
}
