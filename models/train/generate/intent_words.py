"""Word lists of the intent grammars: works, people, places, things and what assistants are asked to handle."""

from __future__ import annotations

CITIES = """Lisbon|Cleveland|Osaka|Nairobi|Tulsa|Ghent|Perth|Bogota|Kyiv|Marseille|Anchorage|Hanoi|Valencia|Leeds|Montreal|Tbilisi|Boise|Recife|Gdansk|Bristol|El Paso|Naples|Quito|Turin|Dallas|Cork|Malmo|Fresno|Izmir|Lyon
Duluth|Accra|Porto|Sapporo|Aberdeen|Tucson|Zagreb|Mombasa|Salem|Bergen|Cusco|Hobart|Reno|Lille|Antwerp|Vilnius|Memphis|Oaxaca|Galway|Pune|Cebu|Hartford|Split|Winnipeg|Laredo|Graz|Belfast|Tampa|Busan|Utrecht""".replace("\n", "|").split("|")
REGIONS = "Vermont|Bavaria|New South Wales|Tuscany|Nova Scotia|Idaho|Andalusia|Kerala|Cornwall|North Dakota|Brittany|Oregon|Saskatchewan|Tyrol|Hokkaido|Georgia|Peru|Ghana|Iceland|Portugal|Laos|Malta|Wyoming|Delaware|Quebec|Provence".split("|")
SPOTS = "Glacier National Park|the lake house|my parents' place|Crater Lake|the airport|Big Sur|the ski resort|Yosemite|the office|the beach|Death Valley|the north shore|the campsite|Ben Nevis|the Black Forest|Bryce Canyon|the stadium".split("|")
FIRST = "Anna|Marcus|Priya|Joel|Sofia|Tom|Nadia|Ben|Lucia|Omar|Grace|Henrik|Mei|Carlos|Ruth|Ivan|Zoe|Felix|Amara|Daniel|Hana|Victor|Leila|Oscar|Paula|Kenji|Irene|Samir|Clara|Hugo|mom|dad|my sister|my boss|grandma|Uncle Ray".split("|")
DATES = "tomorrow|friday|next tuesday|the 4th of march|march 12|july 20th|christmas eve|new year's day|october 31|this weekend|the day after tomorrow|august 6th|next month|june 9|the 23rd|easter sunday|may 2nd|in two weeks|november 11".split("|")
CLOCK = "6 am|7:15|half past eight|noon|4 pm|quarter to nine|10:30 at night|midnight|5:45 in the morning|three o'clock|8 tonight|lunchtime|1 pm|around 6|6:20 am|two thirty|nine".split("|")
SPANS = "ten minutes|half an hour|45 seconds|two hours|an hour and a half|5 min|20 minutes|ninety seconds|eight hours|12 minutes|three quarters of an hour|one minute|25 minutes".split("|")
TIMES = "right now|tonight|later today|on saturday|tomorrow morning|this evening|at noon|next week|in three hours|the day after tomorrow|around 5 pm|on the 19th|this weekend|over the next four days|on monday night|at sunrise|in january|for the rest of the week".split("|")
SKY = "rain|snow|thunder|sunny|windy|foggy|below freezing|humid|cloudy|hail|muggy|icy|hot|chilly|stormy|drizzle|above 30 degrees|clear enough for stars|warmer than today|dry".split("|")
ROOMS = "kitchen|living room|bedroom|garage|hallway|bathroom|study|nursery|patio|basement|guest room|dining room|attic|laundry room|porch".split("|")
DEVICES = "lamp|ceiling fan|heater|tv|thermostat|coffee maker|blinds|garage door|front door lock|dishwasher|robot vacuum|air purifier|sprinklers|speaker|humidifier|christmas lights|oven|security camera|radiator|electric blanket".split("|")
SETTINGS = "20 degrees|half brightness|warm white|72|eco mode|a dim blue|40 percent|full power|night mode|low|68 fahrenheit|medium".split("|")
SONGS = """Blue in Green|Take On Me|Bohemian Rhapsody|Jolene|Superstition|Wonderwall|Hallelujah|Dancing Queen|Clocks|Billie Jean|Redemption Song|Losing My Religion|Hey Ya|Africa|Fast Car|Respect|Smooth Operator|La Bamba|Yellow Submarine
Karma Police|Rolling in the Deep|Feeling Good|Time After Time|Landslide|Purple Rain|Heroes|Mr Brightside|So What|Zombie|Creep|Imagine|Toxic|Royals|Vogue|Espresso|Levitating""".replace("\n", "|").split("|")
ARTISTS = """Nina Simone|Radiohead|Miles Davis|Dolly Parton|Kendrick Lamar|ABBA|Fela Kuti|Bjork|Johnny Cash|Beyonce|Daft Punk|Billie Eilish|Prince|Joni Mitchell|Massive Attack|Bad Bunny|Metallica|Stromae|Ella Fitzgerald|The Cure|Outkast|Sigur Ros
Aretha Franklin|Gorillaz|Rosalia|Tom Waits|Norah Jones|Slayer|Sade|Arcade Fire|Buena Vista Social Club|Rihanna|Chopin|Vivaldi|Coldplay|Otis Redding|Taylor Swift|The Strokes|Philip Glass|Erykah Badu""".replace("\n", "|").split("|")
GENRES = "jazz|bossa nova|techno|delta blues|lo-fi|reggae|country|classical piano|synth pop|hip hop|folk|heavy metal|gospel|salsa|ambient|grunge|k-pop|opera|soul|afrobeat|bluegrass|punk".split("|")
SERVICES = "spotify|youtube music|deezer|the radio|apple music|tidal|pandora|soundcloud|my phone|bandcamp|plex|amazon music".split("|")
PLAYLISTS = "gym|sunday cooking|deep focus|road trip|party|rainy day|study|morning run|kids|dinner with friends|sleep|90s throwback|wedding|summer 24|guilty pleasures|yoga flow|chill|commute".split("|")
FILMS = """The Third Man|Spirited Away|Alien|Amelie|Casablanca|Parasite|The Matrix|Paddington 2|Jaws|Arrival|Moonlight|Fargo|Metropolis|Get Out|Seven Samurai|Whiplash|Rear Window|Coco|The Shining|Roma|Heat|Chinatown|Toy Story|Dune|Oldboy
The Lobster|Vertigo|City of God|Gravity|Rocky|Persepolis|Some Like It Hot|Akira|Shrek|Psycho|Gladiator|Ratatouille|Tenet|Lady Bird|The Thing""".replace("\n", "|").split("|")
FILM_GENRES = "horror|comedy|science fiction|romantic|animated|documentary|action|western|crime|fantasy|musical|thriller|war|family|noir|superhero".split("|")
SHOWS = "Fleabag|The Wire|Dark|Breaking Bad|Bluey|Severance|The Office|Chernobyl|Twin Peaks|Columbo|Line of Duty|Taskmaster|Lupin|Succession|Doctor Who|Star Trek|Seinfeld|Sherlock|Planet Earth|Borgen|The Crown|Cheers".split("|")
BOOKS = """Middlemarch|The Hobbit|Beloved|Dracula|Dune Messiah|The Trial|Emma|Invisible Cities|Catch-22|Jane Eyre|The Stranger|Momo|Frankenstein|Solaris|White Teeth|Ulysses|The Secret History|Rebecca|Kindred|Life of Pi|Moby Dick|Atonement|Wolf Hall
The Name of the Rose|Persuasion|Circe|Neuromancer|Stoner|Pachinko|Austerlitz|The Leopard|Piranesi|Educated|Sapiens|The Goldfinch|Gone Girl|Charlotte's Web|Slaughterhouse-Five|The Odyssey""".replace("\n", "|").split("|")
GAMES = "Tetris|Portal 2|Stardew Valley|Elden Ring|Hades|Celeste|Minecraft|Zelda|Journey|Disco Elysium|Myst|Monkey Island|Doom|Civilization|Pong|Outer Wilds|Mario Kart|Half-Life|Braid|Fable".split("|")
APPS = "Firefox|Slack|the calculator|Spotify|Maps|Telegram|Photos|Excel|Chrome|VLC|Signal|the settings|Notes|Zoom|Steam|GIMP|Terminal|Instagram|Thunderbird|Blender|the camera|WhatsApp|Word|LibreOffice".split("|")
CUISINES = "thai|ethiopian|sushi|vegan|tapas|korean barbecue|french|lebanese|mexican|indian|dim sum|pizza|seafood|greek|ramen|vietnamese|steak|brunch|peruvian|turkish|gluten free|italian|halal|polish".split("|")
EATERIES = "bistro|taqueria|pub|diner|steakhouse|tea house|food truck|rooftop bar|noodle place|bakery|brasserie|trattoria|cafe|tavern|cafeteria|gastropub|ice cream parlor|delicatessen|oyster bar".split("|")
TRAITS = "with outdoor seating|that takes dogs|with a view|that is open late|near the station|within walking distance|that isn't too expensive|with a playground|with free parking|that has live music|for a birthday|with at least four stars|around the corner|by the river".split("|")
GUESTS = "two|4|six of us|just me|a party of 9|three adults and a baby|my parents and me|eleven|Anna and me|a group of 5|me and my coworkers|8 people|two couples".split("|")
PRODUCTS = "toothpaste|hiking boots|a phone charger|dog food|a yoga mat|printer ink|an air fryer|batteries|running shoes|a desk lamp|noise cancelling headphones|a raincoat|vitamin d|diapers|a birthday card|coffee filters|a suitcase".split("|")
GROCERIES = "milk|eggs|two lemons|oat flakes|paper towels|basil|sparkling water|butter|dish soap|tomatoes|tofu|cat litter|rice|garlic|bananas|olive oil|yeast|frozen peas|cheddar|soy sauce|avocados|bin bags".split("|")
CHORES = "call the plumber|water the plants|renew my passport|feed the cat|pay the rent|take out the trash|book the dentist|return the library books|take my pills|email Clara the slides|pick up the dry cleaning|change the air filter|wish Hugo a happy birthday|clean the gutters|backup the laptop|buy flowers".split("|")
TIMERS = "pasta|pizza|laundry|egg|tea|nap|workout|bread|oven|rice|meditation".split("|")
TIMED = "turn off the tv|open the blinds|turn on the heater|lock the front door|switch off the lights|pause the music".split("|")
NOTES = "lecture one|shopping ideas|meeting notes|song idea|diary|interview|project plan|groceries|dream log|recipe".split("|")
MESSAGES = "dinner is ready|i'm running ten minutes late|can you pick up the kids|happy birthday|the meeting moved to three|i left the keys under the mat|call me when you land|see you at the gate|we are out of coffee|good luck with the exam|we leave in five minutes".split("|")
EVENTS = "standup|dentist appointment|yoga class|flight to Oslo|lunch with Paula|book club|parent teacher night|haircut|team review|gym session|date night|oil change|piano lesson|board meeting|school play".split("|")
CARRIERS = "Lufthansa|Delta|Amtrak|KLM|Greyhound|Qantas|Ryanair|Flixbus|Eurostar|Air Canada|United|ANA".split("|")
STAYS = "hotel|hostel|cabin|bed and breakfast|apartment|campsite|motel|guesthouse|beach house|studio".split("|")
ACCOUNTS = "checking|savings|joint|business|credit card|emergency fund|brokerage|travel card".split("|")
BILLS = "electric bill|rent|phone bill|car insurance|water bill|gym membership|netflix subscription|student loan|internet bill|credit card bill|gas bill|parking ticket".split("|")
SPORTS = "the Lakers|Arsenal|the Red Sox|Bayern|the All Blacks|Ferrari|the Packers|Barcelona|the Maple Leafs|Serena|the Celtics|Inter Milan".split("|")
SHIPMENTS = "my new phone|the blue sofa|order 4471|my contact lenses|the birthday gift|the package from DHL|my bike parts|the groceries|the library order".split("|")

ANIMALS = "cats|penguins|dogs|owls|horses|sharks|elephants|bees|frogs|foxes|pandas|turtles|wolves|parrots|octopuses|ducks|cows|bears".split("|")
COLOURS = "teal|crimson|mauve|chartreuse|navy|ochre|magenta|beige|coral|indigo|burgundy|turquoise|lavender|olive|salmon|maroon".split("|")
HOWTO = """remove a wine stain|tie a bowline|poach an egg|jump start a car|prune roses|unclog a sink|fold a fitted sheet|descale a kettle|whistle with two fingers|change a bike tire|sharpen a knife|write a cheque|get rid of fruit flies|knit a scarf|cure hiccups|solve a rubik's cube
clean suede shoes|propagate a pothos|carve a turkey|make sourdough starter|patch drywall|do a cartwheel|read a tide table|wax skis|repot an orchid|season a cast iron pan""".replace("\n", "|").split("|")
PEOPLE = """Ada Lovelace|Simon Bolivar|Marie Curie|Genghis Khan|Frida Kahlo|Nelson Mandela|Johann Sebastian Bach|Rosa Parks|Galileo|Cleopatra|Hannah Arendt|Srinivasa Ramanujan|Alan Turing|Joan of Arc|Confucius|Amelia Earhart|Leonardo da Vinci|Harriet Tubman|Napoleon
Agatha Christie|Nikola Tesla|Virginia Woolf|Mansa Musa|Charles Darwin|Florence Nightingale|Saladin|Emmy Noether|Pablo Neruda|Catherine the Great|Alexander von Humboldt|Jane Goodall|Tycho Brahe|Hedy Lamarr|Suleiman the Magnificent|Rachel Carson|Akira Kurosawa|Sojourner Truth""".replace("\n", "|").split("|")
PLACES = """Lake Titicaca|the Eiffel Tower|Mount Kilimanjaro|the Suez Canal|Machu Picchu|the Great Barrier Reef|Angkor Wat|Stonehenge|the Golden Gate Bridge|Niagara Falls|the Sahara|the Taj Mahal|the Mariana Trench|the Alhambra|Petra|the Panama Canal|Easter Island|the Danube|Uluru
the Colosseum|the Dead Sea|Mont Blanc|the Kremlin|Table Mountain|the Hagia Sophia|the Amazon River|Bornholm|Greenland|the Black Sea|Patagonia|Zanzibar|the Rhine|Mount Etna|the Gobi|the Hoover Dam|Versailles|Tasmania|the Bering Strait""".replace("\n", "|").split("|")
THINGS = """photosynthesis|inflation|the french revolution|quasars|tulips|the zipper|black pepper|sonata form|plate tectonics|the gold standard|haiku|penicillin|bioluminescence|the silk road|typhoons|obsidian|the magna carta|cubism|yeast|gamma rays|tectonic plates|the barometer
stoicism|the printing press|mitosis|aspirin|the battle of hastings|origami|lichen|the cold war|sourdough|neutrinos|feudalism|the abacus|jasmine|the doppler effect|kombucha|the ottoman empire|sonnets|basalt|the kidney|hibernation|saffron|the enigma machine|glaciers|malaria""".replace("\n", "|").split("|")
