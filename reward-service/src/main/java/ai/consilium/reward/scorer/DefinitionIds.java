package ai.consilium.reward.scorer;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.DatabindContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.jsontype.impl.TypeIdResolverBase;
import org.jspecify.annotations.Nullable;

/** Which class a definition in the body of a scoring configuration has: see {@link ScorerTypes}. */
final class DefinitionIds extends TypeIdResolverBase {
    @Override
    public String idFromValue(Object value) {
        return ScorerTypes.idOf(value.getClass());
    }

    @Override
    public String idFromValueAndType(Object value, Class<?> suggested) {
        return ScorerTypes.idOf(suggested);
    }

    @Override
    public @Nullable JavaType typeFromId(DatabindContext context, String id) {
        Class<?> definition = ScorerTypes.ofId(id);
        return definition == null ? null : context.constructType(definition);
    }

    @Override
    public String getDescForKnownTypeIds() {
        return ScorerTypes.names().toString();
    }

    @Override
    public JsonTypeInfo.Id getMechanism() {
        return JsonTypeInfo.Id.CUSTOM;
    }
}
