"""What people say to assistants: frames by domain, in the notation of generate/grammar.py, and the fillers around them."""

from __future__ import annotations

from generate import intent_words as w
from generate.grammar import Pool

POOLS: dict[str, Pool] = {
    "city": w.CITIES, "region": w.REGIONS, "spot": w.SPOTS, "place": ["{city}", "{city}", "{region}", "{spot}", "{city} {region}", "{city}, {region}"], "who": w.FIRST, "date": w.DATES, "clock": w.CLOCK, "span": w.SPANS, "when": w.TIMES, "sky": w.SKY,
    "room": w.ROOMS, "device": w.DEVICES, "setting": w.SETTINGS, "song": w.SONGS, "artist": w.ARTISTS, "genre": w.GENRES, "service": w.SERVICES, "playlist": w.PLAYLISTS, "film": w.FILMS, "filmKind": w.FILM_GENRES, "show": w.SHOWS, "book": w.BOOKS, "game": w.GAMES,
    "app": w.APPS, "cuisine": w.CUISINES, "eatery": w.EATERIES, "trait": w.TRAITS, "guests": w.GUESTS, "product": w.PRODUCTS, "grocery": w.GROCERIES, "chore": w.CHORES, "timer": w.TIMERS, "message": w.MESSAGES, "event": w.EVENTS, "carrier": w.CARRIERS, "stay": w.STAYS,
    "account": w.ACCOUNTS, "bill": w.BILLS, "team": w.SPORTS, "shipment": w.SHIPMENTS, "amount": ["$40", "200 dollars", "75 euros", "1,300", "fifty bucks", "£18.50", "600"], "count": ["2", "three", "4", "five", "one", "a couple of", "6"],
    "score": ["two stars", "3 out of 5", "a nine", "five stars", "zero", "4 points", "one star", "seven out of ten", "a 3", "full marks", "half a star", "1 of 6", "a two", "five points out of six", "four"],
    "work": ["{book}", "{film}", "{show}", "{song}", "{game}"], "kind": ["novel", "album", "movie", "tv series", "game", "book", "song", "painting", "podcast", "comic", "soundtrack", "play", "trailer", "poem", "photograph", "documentary"],
    "sort": ["essay collection", "saga", "chronicle", "textbook", "novel", "memoir", "series", "cookbook", "thriller", "audiobook", "volume", "biography"], "era": ["eighties", "1970s", "nineties", "early 2000s", "sixties", "last year", "2016"],
    "screen": ["cinema", "movie theater", "drive-in", "multiplex", "Odeon", "IMAX", "AMC", "Regal", "Vue", "arthouse cinema", "theatre downtown"],
}

DOMAINS: dict[str, list[str]] = {
    "play": [
        "[play|put on|start|spin|queue up|blast] [some |a bit of |]{genre}[ music|] [on {service}|in the {room}|for the next {span}|]", "[play|put on|i wanna hear|let me hear] {song}[ by {artist}| from {artist}|]", "[play|shuffle|start] [everything by|the newest from|the best of|something by|a live set by] {artist}",
        "[play|start] my {playlist} [playlist|mix|list] [on shuffle|from the top|]", "i'm in the mood for {genre}", "put [some |]{era} {genre} on[ {service}|]", "[open|go to|use] {service} and [play|start] {artist}", "what about some {artist} [while i cook|for a change]", "something [calm|loud|cheerful|new] [to {event}|for the {room}|on {service}]",
        "skip [this|this one|ahead 30 seconds|to the next track]", "[pause|resume|stop|restart] the [music|podcast|episode|song]", "louder [in the {room}|please|]", "play [the next|the latest|any] episode of {show}", "[continue|pick up] {book} where [i left off|we stopped]", "[i want|i'd like] to listen to [{artist}|{genre}|the {era}]",
        "play me a {era} [tune|hit|ballad|sound track]", "[turn|switch] on {service} [radio|] [and find {genre}|]", "play that {artist} [song|track] from the {era}", "can we have {artist} [next|instead|in the {room}]",
    ],
    "library": [
        "[add|put|save|stick|drop] [this|this track|the current song|{song}|{song} by {artist}|{artist}|another tune|that album] [to|on|onto|in|into] [my|the|{who}'s|our] {playlist} [playlist|list|mix|collection|]", "[i want|i'd like|we need] {artist} [on|in] the {playlist} [playlist|mix]", "[make|create|start] a [new |]playlist [called|named] {playlist}",
        "[remove|take|delete] {song} [from|off] [the|my] {playlist} [list|playlist]", "include {artist} in [my|the] {playlist} [playlist|tracks]", "[like|heart|save] this [song|album]", "[follow|unfollow] {artist}", "the {playlist} [playlist|list] [needs|should have|could use] [more |some |]{artist}", "can you [put|get] {song} on {playlist} [for me|please|]",
        "rename the playlist {playlist} to {playlist}", "download the {playlist} mix", "[what is|what's] [this song|playing right now|on my {playlist} playlist]",
    ],
    "rating": [
        "[give|i give|i'd give|award|assign] [this|the|the current|that|my last|the previous] {sort} {score}", "[give|i'd give|put down] {score} [for|to] [{book}|{film}|the {sort} {book}|this {kind}|{game}]", "[rate|score|grade|mark] [{book}|{show}|{film}|{game}|this {kind}|the current {sort}|that last {sort}|the {sort} {book}] [with |as |at |]{score}", "{book} [deserves|gets|is worth] {score}[ from me|]",
        "[mark|log] {film} as [watched|seen] [and rate it {score}|]", "[write|post|leave] a [short |]review [of|for] {eatery} [saying it was great|with {score}|]", "my rating for {book} is {score}", "thumbs [up|down] for [this|that] {kind}", "change my [score|rating] of {show} to {score}", "the {sort} i just finished gets {score}", "i think {book} should be rated {score}", "{score} [for|to] {book}",
    ],
    "dining": [
        "[book|reserve|get|grab|find] [a table|us a table|a spot|seats|a reservation] [for {guests} |][at|in] [a|the|some] [{cuisine} |]{eatery} [in {place} |][{trait} |][{when}|for {date}|at {clock}|]", "[i need|i'd like|we want] [a table|a reservation|somewhere to eat] [for {guests}|in {place}|{trait}|for {date} at {clock}]", "[find|show] [me |us |]a {cuisine} {eatery} {trait}",
        "[can you |]make [us |]a [dinner |lunch |]reservation [in {city}|near {spot}] for {guests}[ at {clock}|]", "{guests} [would like|want|need] to eat [{cuisine}|at a {eatery}] [in {place}|{when}]", "is there [a|any] {cuisine} [{eatery}|place] [in {city}|nearby|{trait}] [with a free table|open {when}]", "order [a |some ]{cuisine} [food|takeaway] [for {guests}|to the office|{when}]",
        "where can {guests} get {cuisine} food [in {place}|{when}]", "[cancel|move|push back] [our|my] [dinner|table|reservation] [to {clock}|for {date}|at the {eatery}]", "book the {eatery} [in {place}|downtown] for {guests} {when}", "[i'm hungry|we are starving], find a {eatery} {trait}", "[party of|table for] {count} at the {eatery} {when}", "how are the reviews of the {eatery} [in {city}|on the corner]",
    ],
    "cinema": [
        "[what time|when] [is|does] {film} [playing|showing|start|on] [at the {screen}|near me|in {city}|{when}|]", "[what|which] [movies|films] are [on|playing|showing] [at the {screen}|nearby|in {city}|{when}|around here]", "[show|give|get|find] [me |us |][showtimes|the schedule|movie times|screenings] [for {film}|at the {screen}|around {city}|{when}]", "[is|are there tickets for] {film} [still on|at the {screen}|this weekend]",
        "[get|buy|book|order] [{count} |][tickets|seats] for {film} [{when}|at {clock}|at the {screen}]", "[any|are there] [good |]{filmKind} [movies|films] [on|in the {screen}|showing] {when}", "[closest|nearest] {screen} [with|showing|that plays] {film}", "what's on at the {screen} {when}", "find a {screen} [close by |]that has {filmKind} films", "[can i|could we] [see|catch] {film} [in {city}|{when}|at a {screen}]",
        "movie [schedule|times] [{when}|in the neighborhood|for {city}]", "i want to [see|watch] {film} at the [closest|nearest] {screen}", "list the {filmKind} movies in the neighborhood {when}",
    ],
    "titles": [
        "[find|look up|search for|look for|show me|get me|pull up|bring up] [the |a |][{kind}|{sort}] [called |titled |named |]{work}", "[where can i|how can i|can i] [watch|stream|read|buy|get|hear] {work}", "[i'm looking for|i need|i want to see|i'd like to find] [the |a ][{kind} |][called |named |]{work}", "[find|search] {work}[ for me|]", "[see if|check whether] {service} has {work}", "[show|play|find] the trailer [of|for] {film}",
        "[search|look on] {service} for [the {kind} |]{work}", "[help me find|please locate] [the|that] {kind} {work}", "[download|rent|buy] [the {kind} |]{work}", "bring up the {kind} {work}", "[do you have|is there] [a|the] {kind} [called|named] {work}", "can you find me {work}, the {kind}", "{work} {kind}, find it",
    ],
    "weather": [
        "[will|is|could] it [going to |]be {sky} [in {place} |at {spot} |][{when}|on {date}|at {clock}]", "[what's|what is|how's|tell me] the [weather|forecast|weather forecast|outlook] [in|for|at|near] {place}[ {when}| on {date}|]", "[weather|forecast] [for|in|at] {place}[ {when}|]", "[do i|should i|will we] need [a coat|an umbrella|sunscreen|boots|a scarf] [in {place}|{when}|for {spot}]",
        "[how|exactly how] [cold|hot|warm|windy|humid] [will|does] it [be|get] [in {place}|{when}|at {spot}]", "[is|any chance of] {sky} [weather |][expected|coming|likely] [in {place}|{when}]", "[how much|any] [rain|snow|sun] [in|for|at] {place} {when}", "[temperature|wind] in {city} {when}", "[are we|is {place}] getting a storm {when}", "what will the weather be like in {place} {span} from now",
        "[is it|will it get] {sky} [here|outside|over there] {when}", "when will [it stop raining|the sun come out|it get warmer] in {place}", "[need|give me] the {place} weather report for {when}", "tell me if it's gonna be {sky} at {spot}", "{place} weather {when}",
    ],
    "clock": [
        "[set|start] a[nother|] {timer} timer for {span}", "[wake me|get me up|alarm] [up |][at|by] {clock}[ {when}| on weekdays|]", "[remind me|don't let me forget] to {chore} [at {clock}|{when}|on {date}|when i get home]", "how [long|much time] is left on the {timer} timer", "[cancel|snooze|turn off] [my|the] [{clock} |]alarm", "[add|take] {span} [to|off] the {timer} timer", "[count down|give me] {span}", "what [time|day] is it[ in {city}|]", "how many days until {date}",
    ],
    "lists": [
        "[add|put] {grocery}[ and {grocery}|] [to|on] [my|the|our] [shopping|grocery] list", "we['re| are] out of {grocery}", "[take|cross|scratch] {grocery} off [the|my] list", "[make|start] a list [for|called] [the trip|{playlist}|{who}'s birthday]", "[note|write down|remember] that [i need to {chore}|{who} likes {cuisine} food|i parked on level {count}]", "[what's|read me what is] on my [to do|shopping|packing] list", "put {chore} on my to-do list [for {date}|]", "do i have [{grocery}|{chore}] on my list", "delete my [note about {event}|shopping list|last reminder]",
    ],
    "people": [
        "[text|message|tell|write to] {who} [that |]{message}", "[call|ring|dial|video call] {who}[ on speaker| at work|]", "[read|check] [my|the] [new |][messages|emails|voicemail][ from {who}|]", "[reply|answer] [to {who} |]with {message}", "[forward|send] [the photo|that email|my location|this link] to {who}", "[email|write] {who} about the {event}", "did {who} [call|text|write back]", "let {who} know {message}",
        "[schedule|set up|put] [a|the] {event} [with {who} |][{when}|on {date}|at {clock}]", "[move|reschedule|cancel] [my|the] {event} [to {clock}|{when}|]", "what [do i have|is on my calendar] {when}", "[when|what time] is my {event}", "[invite|add] {who} to the {event}", "am i [free|busy] {when}", "block {span} for [focus time|the {event}]",
    ],
    "home": [
        "[turn|switch] [on|off] the {device}[ in the {room}| {when}|]", "[set|change|put|make] the [{room} |]{device} [to|at] {setting}", "[dim|brighten] the [lights|lamp] in the {room}", "[is|did i leave] the {device} on[ in the {room}|]", "[open|close|lock] the [{room} |][door|window|blinds|shutters]", "it's too [cold|hot|dark|bright] in the {room}", "[start|stop|send] the [vacuum|robot|mower] [in the {room}|home|]", "[arm|disarm] the alarm", "turn everything off [at {clock}|when i leave|]", "[show|who is at] the [front door|{room}] camera", "make the {room} [cosy|warmer|a little darker]",
    ],
    "travel": [
        "[book|find|get] [me |us |]a [flight|train|bus|ferry] [from {city} |]to {city} [{when}|on {date}|for {guests}|with {carrier}]", "[find|book|reserve] a {stay} [in|near] {place} for [{count} nights|{guests}|{date}]", "[how do i get|directions|take me|navigate|route] to {place}[ from {city}| by bike| avoiding tolls|]", "[is|what's the status of] [my|the] {carrier} flight [on time|to {city}|]", "[call|order|get] [me |][a cab|a taxi|an uber] to {place}[ for {guests}| at {clock}|]",
        "[rent|reserve] a [car|van|bike] in {city} [for {span}|from {date}|]", "how [is the traffic|far is it|long does it take] to {place}", "check me in for my {carrier} flight", "[change|cancel] my [seat|booking|{stay}] [in {city}|for {date}|]", "what [gate|platform] does {carrier} leave from", "when is the next [bus|train|tram] to {city}", "plan my trip to {place} [with {who}|for {date}]",
    ],
    "money": [
        "[transfer|move|send] {amount} [from {account} |]to [{account}|{who}|my {account} account]", "[pay|schedule|cancel] [my|the] {bill}[ {when}| from {account}|]", "[what's|how much is] [in|left in] my {account}[ account|]", "how much did i spend on [{cuisine} food|{product}|gas|{service}] last month", "[freeze|block|replace] my {account} card", "[when is|is] my {bill} [due|paid]", "[order|buy|reorder] {product}[ on my {account}| for {who}|]", "[where is|track|has anything happened with] {shipment}", "[return|exchange] {product}", "split {amount} with {who}", "[find|compare prices for] {product} under {amount}", "request {amount} from {who}", "did my {bill} go through",
    ],
    "rest": [
        "[open|close|launch|start|update|uninstall] {app}", "[take|show] [a screenshot|my photos from {city}|a selfie]", "[what's|give me|read] the [latest |][news|headlines|scores][ from {city}| about {team}|]", "did {team} [win|play|lose] [yesterday|last night|]", "when do {team} play [next|again]", "[find|show|suggest] [me |]a recipe for [{cuisine} food|{grocery}|something with {grocery}]", "[start|log|end] my [run|workout|sleep]", "turn [on|off] [airplane mode|bluetooth|do not disturb|the flashlight|dark mode]", "[find|ring] my [phone|keys|watch]", "change [your voice|the language|the wallpaper] [to french|to something calmer|]",
        "[record|start recording] a voice memo", "[flip|toss] a coin", "[translate mode on|turn up the volume|mute yourself|restart]", "apply for {count} days of leave from {date}", "[book|find] [me |]a [doctor|hairdresser|mechanic|vet] [in {city}|for {date}|near {spot}]",
    ],
}

SHARES = {"play": 1.3, "library": 1.2, "rating": 1.2, "dining": 1.4, "cinema": 1.2, "titles": 1.5, "weather": 1.6, "clock": 0.7, "lists": 0.7, "people": 1.0, "home": 0.8, "travel": 1.0, "money": 1.0, "rest": 0.8}
BEFORE = ["please", "hey", "can you", "could you please", "ok so", "um", "i want you to", "uh", "hi there,", "alright", "computer,", "quick one,", "would you", "well", "sorry,", "now", "hey buddy,", "assistant,"]
AFTER = ["please", "for me", "thanks", "if you can", "asap", "when you get a chance", "ok", "right away", "will you", "thank you"]
