package ai.consilium.platform.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.UsageException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClockOffsetTest {
    private static final long DAYS_40 = Duration.ofDays(40).toMillis();

    @Test
    void givenAClockThatIsFarOffThenItIsRefusedSayingByHowMuch() {
        assertThatThrownBy(() -> new ClockOffset(1_000 + DAYS_40, 1_005, 1_010 + DAYS_40).require())
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "the clock of this host is 39 days ahead of the brokers' (by a heartbeat's time); at most 60 s are borne: set it, for example by NTP");
        assertThatThrownBy(() -> new ClockOffset(1_000, 1_005 + DAYS_40, 1_010).require())
                .hasMessageContaining("39 days behind the brokers'");
        assertThatThrownBy(() -> new ClockOffset(75_000, 5_000, 75_010).require())
                .hasMessageContaining("70 s ahead of the brokers'");
    }

    @Test
    void givenARecordThatTookLongThenOnlyWhatIsCertainCounts() {
        // A process that stood still for ten minutes between sending and hearing of it.
        ClockOffset slow = new ClockOffset(1_000, 3_000, 601_000);

        assertThat(slow.least()).isZero();
        assertThatCode(slow::require).doesNotThrowAnyException();
        assertThatCode(ClockOffset.NONE::require).doesNotThrowAnyException();
    }
}
