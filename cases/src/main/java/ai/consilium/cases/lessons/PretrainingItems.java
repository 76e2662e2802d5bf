package ai.consilium.cases.lessons;

import ai.consilium.cases.prompt.MarkedText;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.random.RandomStreams;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What the tiny base model is pretrained on: format, vocabulary, seeing, reading, comparing and counting. No item maps
 * findings to an option: the only options that a completion may hold are ones that its prompt tells to pick, drawn
 * without a look at the image, or ones that are guessed blindly; and every limit and weight that an item compares or counts with stands in its prompt.
 */
public final class PretrainingItems {
    private record Kind(String name, int weight, Function<Random, Lesson> teach) {}

    private static final List<Kind> KINDS = List.of(
            new Kind("look", 22, SeeingLessons::look),
            new Kind("look_pick", 10, SeeingLessons::lookAndPick),
            new Kind("detail", 14, SeeingLessons::detail),
            new Kind("grid", 10, GridLessons::grid),
            new Kind("locate", 4, GridLessons::locate),
            new Kind("list", 8, SeeingLessons::list),
            new Kind("tally", 12, ReadingLessons::tally),
            new Kind("compare", 8, ReadingLessons::compare),
            new Kind("read", 4, ReadingLessons::read),
            new Kind("count", 3, ReadingLessons::count),
            new Kind("pick", 3, ReadingLessons::pick),
            new Kind("repeat", 2, ReadingLessons::repeat));

    private static final List<Kind> FINISHING = Stream.concat(
                    KINDS.stream(), Stream.of(new Kind("guess", 40, SeeingLessons::guess)))
            .toList();

    private static final PromptLayout LAYOUT = PromptLayouts.canonical();

    private final long seed;
    private final List<Kind> kinds;
    private final int total;

    private PretrainingItems(long seed, List<Kind> kinds) {
        this.seed = seed;
        this.kinds = kinds;
        this.total = kinds.stream().mapToInt(Kind::weight).sum();
    }

    /** The long course: everything but answering real questions. The same seed gives the same items. */
    public static PretrainingItems main(long seed) {
        return new PretrainingItems(seed, KINDS);
    }

    /** The short course at the end: real questions too, answered blindly, so that the base answers in form and at chance. */
    public static PretrainingItems finishing(long seed) {
        return new PretrainingItems(seed, FINISHING);
    }

    /** Names of the kinds of items. */
    public List<String> kinds() {
        return kinds.stream().map(Kind::name).toList();
    }

    /** The item at an index, whatever was asked before; so that several threads may draw. */
    public PretrainingItem at(long index) {
        Random random = RandomStreams.of(seed, "pretraining/" + index);
        Kind kind = kind(random.nextInt(total));
        Lesson lesson = kind.teach().apply(random);
        String perspective = Perspective.ALL.get(random.nextInt(Perspective.ALL.size()));
        return new PretrainingItem(
                lesson.image(),
                LAYOUT.prompt(1, MarkedText.written(lesson.request()), perspective),
                LAYOUT.completed(MarkedText.written(lesson.thought()), MarkedText.written(lesson.answer())),
                kind.name());
    }

    /** Items from the first, without end. */
    public Stream<PretrainingItem> stream() {
        return LongStream.iterate(0, index -> index + 1).mapToObj(this::at);
    }

    private Kind kind(int draw) {
        int left = draw;
        for (Kind kind : kinds) {
            left -= kind.weight();
            if (left < 0) {
                return kind;
            }
        }
        throw new IllegalArgumentException("draw beyond the weights: " + draw);
    }
}
