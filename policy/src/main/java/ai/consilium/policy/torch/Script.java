package ai.consilium.policy.torch;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ScriptMethod;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** A loaded script module. Thread-safe. Lives as long as the scope that it was loaded in. */
public final class Script {
    private final PtSymbolBlock module;

    private Script(PtSymbolBlock module) {
        this.module = module;
    }

    /**
     * Loads resource files that lie beside this class as one module.
     *
     * @param constants attributes, Long or Double
     */
    public static Script load(Scope scope, List<String> sources, SortedMap<String, Number> constants) {
        TorchRuntime.start();
        try {
            byte[] archive = Archive.of(sources, constants);
            return new Script(JniUtils.loadModule(scope.manager(), new ByteArrayInputStream(archive), true, false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Calls a method.
     *
     * @param scope owner of the results
     * @param arguments Tensor, List of Tensor, Integer, Long, Double, Boolean, String or long[]
     * @return the tensors of the result, tuples and lists flattened in order
     */
    public List<Tensor> call(Scope scope, String method, Object... arguments) {
        IValue[] values = new IValue[arguments.length];
        try {
            for (int i = 0; i < values.length; i++) {
                values[i] = value(arguments[i]);
            }
            List<Tensor> results = new ArrayList<>();
            try (IValue result = ScriptMethod.run(module, method, values)) {
                collect(result, scope, results);
            }
            return results;
        } finally {
            for (IValue value : values) {
                if (value != null) {
                    value.close();
                }
            }
        }
    }

    private static IValue value(Object argument) {
        if (argument instanceof Tensor tensor) {
            return IValue.from(tensor.array());
        } else if (argument instanceof List<?> tensors) {
            return IValue.listFrom(
                    tensors.stream().map(tensor -> ((Tensor) tensor).array()).toArray(PtNDArray[]::new));
        } else if (argument instanceof Integer || argument instanceof Long) {
            return IValue.from(((Number) argument).longValue());
        } else if (argument instanceof Double number) {
            return IValue.from(number);
        } else if (argument instanceof Boolean flag) {
            return IValue.from(flag);
        } else if (argument instanceof String text) {
            return IValue.from(text);
        } else if (argument instanceof long[] numbers) {
            return IValue.listFrom(numbers);
        }
        throw new IllegalArgumentException("a script takes no " + argument.getClass());
    }

    private static void collect(IValue result, Scope scope, List<Tensor> into) {
        if (result.isTensor()) {
            into.add(new Tensor(result.toTensor(scope.manager())));
        } else if (result.isTensorList()) {
            for (PtNDArray array : result.toTensorArray(scope.manager())) {
                into.add(new Tensor(array));
            }
        } else {
            for (IValue element : result.toIValueTuple()) {
                try (element) {
                    collect(element, scope, into);
                }
            }
        }
    }
}
