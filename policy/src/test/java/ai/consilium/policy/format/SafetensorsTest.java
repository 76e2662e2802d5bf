package ai.consilium.policy.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.ModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class SafetensorsTest {
    private static byte[] file(String header, int dataBytes, short... values) {
        byte[] json = header.getBytes(UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        for (short value : values) {
            bytes.putShort(value);
        }
        return bytes.array();
    }

    @Test
    void givenBf16WhenReadThenItWidensExactly() {
        byte[] file = file(
                "{\"x\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, (short) 0x3fc0, (short) 0xc000);

        assertThat(Safetensors.of(file, "test").tensor("x").values()).containsExactly(1.5f, -2f);
    }

    @Test
    void givenValuesWhenRoundedToBf16ThenTheyAreTheNearestTiesToEven() {
        float[] values = {1f, 1.00390625f, 1.01171875f, -3.4e38f, Float.NaN, 1e-40f};
        short[] expected = {0x3f80, 0x3f80, 0x3f82, (short) 0xff80, 0x7fc0, 0x0001};
        for (int i = 0; i < values.length; i++) {
            assertThat(SafetensorsWriter.rounded(values[i])).as("%s", values[i]).isEqualTo(expected[i]);
        }
    }

    @Test
    void givenHostileHeadersWhenReadThenTheyAreRefusedByName() {
        String[] headers = {
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,4],\"data_offsets\":[0,4]}}",
            "{\"x\":{\"dtype\":\"I8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9223372036854775803,9223372036854775807]}}",
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[0,2147483647,2147483647,2147483647,2147483647],\"data_offsets\":[9,9]}}",
            "{\"x\":",
        };
        for (String header : headers) {
            assertThatThrownBy(() -> Safetensors.of(file(header, 4), "evil.safetensors"))
                    .as(header)
                    .isInstanceOf(ModelException.class)
                    .hasMessageStartingWith("evil.safetensors: ");
        }
        assertThatThrownBy(() -> Safetensors.of(new byte[] {1, 2, 3}, "evil.safetensors"))
                .isInstanceOf(ModelException.class);
        assertThatThrownBy(() -> Safetensors.of(new byte[] {-1, -1, -1, -1, -1, -1, -1, 127, 0}, "evil.safetensors"))
                .isInstanceOf(ModelException.class);
    }
}
